/** What the API tells beyond the store: what was seen, what is due, what is being done, what is wrong, what comes next. */
import { describe, expect, it } from "vitest";
import { openAlertLog } from "../../../src/alerts/alert-log.ts";
import type { Alert } from "../../../src/core/alert.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import { rollbackRecord } from "../../../src/rotation/rollback-record.ts";
import { keepRecord } from "../../../src/rotation/record.ts";
import { ACTIVE, CANARY, KEY_ID, keyWith, NOW, OLD, STANDBY, STEADY } from "../../support/admin/keys.ts";
import { DeskStore } from "../../support/admin/neighbours.ts";
import { type AdminWorld, openAdmin } from "../../support/admin/world.ts";

const HOUR_MS = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();

const FAILED: JobView = {
  work: {
    job: "rotate",
    keyName: "billing",
    keyId: KEY_ID,
    intent: { id: "evt_failed", kind: "expiring", requestedAt: NOW - HOUR_MS },
    eventId: "evt_failed",
  },
  queue: "rotations",
  state: "failed",
  nextAt: null,
  percent: 40,
  attempts: 5,
  failure: "Paddle answered 403",
  facts: {
    staged: { at: iso(NOW - 1_000), says: "A new secret is staged.", fingerprint: "sha256:0123456789abcdef" },
    asked: { at: iso(NOW - 2_000), says: "The active secret works." },
  },
};

function alert(id: string, keyName: string | null, incident: Alert["incident"], raisedAt = NOW): Alert {
  return {
    id,
    kind: "rotation-stuck",
    severity: "critical",
    keyName,
    keyId: keyName && KEY_ID,
    happened: `${id} happened.`,
    action: "Do something.",
    raisedAt,
    ...(incident && { incident }),
  };
}

async function raise(admin: AdminWorld, ...alerts: Alert[]): Promise<void> {
  const log = openAlertLog(admin.records);
  for (const one of alerts) await log.keep(one);
}

/** All that may be known of a key at once. */
async function openFull(): Promise<AdminWorld> {
  const standby = { ...keyWith({ ...STEADY, standby: STANDBY }, "x").store, location: "./standby.env" };
  const key = { ...keyWith(STEADY), standbyStore: standby };
  const admin = await openAdmin({
    keys: [key, keyWith({ ...STEADY, standby: STANDBY }, "reports")],
    jobs: [FAILED],
  });
  const seen = {
    at: NOW - 5_000,
    status: "active",
    rotatable: true,
    expiresAt: NOW + 20 * 24 * HOUR_MS,
    exposedAt: null,
  };
  await admin.records.append(`seen-key-${KEY_ID}`, seen);
  await raise(
    admin,
    alert("first", "billing", { id: "stuck-1", state: "open" }, NOW - HOUR_MS),
    alert("reminder", "billing", { id: "stuck-1", state: "open" }, NOW - 60_000),
    alert("over", "reports", { id: "stuck-2", state: "over" }),
    alert("nobody", null, { id: "silence", state: "open" }, NOW - 30_000),
  );
  const about = { id: "rollback-1", keyName: "billing", keyId: KEY_ID, older: OLD, newer: ACTIVE };
  const rollback = { ...about, at: NOW, endsAt: NOW, askedBy: "ops" };
  await keepRecord(admin.records, admin.logged.log, rollbackRecord(rollback, "As asked."));
  return admin;
}

const BESIDE = {
  standby: {
    fingerprint: STANDBY.secret.fingerprint(),
    rotationId: null,
    issuedAt: null,
    location: "./standby.env",
    fault: null,
  },
  lastSeen: {
    at: iso(NOW - 5_000),
    status: "active",
    rotatable: true,
    expiresAt: iso(NOW + 20 * 24 * HOUR_MS),
    exposedAt: null,
  },
  due: { at: iso(NOW + 13 * 24 * HOUR_MS), because: "expiry", forced: false },
  jobs: [
    {
      id: "evt_failed",
      job: "rotate",
      intent: "expiring",
      eventId: "evt_failed",
      queue: "rotations",
      state: "failed",
      requestedAt: iso(NOW - HOUR_MS),
      nextAt: null,
      percent: 40,
      attempts: 5,
      failure: "Paddle answered 403",
      status: "/queues/queue/rotations/evt_failed",
      steps: [
        { fact: "asked", at: iso(NOW - 2_000), says: "The active secret works." },
        {
          fact: "staged",
          at: iso(NOW - 1_000),
          says: "A new secret is staged.",
          fingerprint: "sha256:0123456789abcdef",
        },
      ],
    },
  ],
  incidents: [
    {
      id: "stuck-1",
      kind: "rotation-stuck",
      severity: "critical",
      keyName: "billing",
      keyId: KEY_ID,
      since: iso(NOW - HOUR_MS),
      raisedAt: iso(NOW - 60_000),
      happened: "reminder happened.",
      action: "Do something.",
    },
  ],
  lastRotation: expect.objectContaining({ id: "rollback-1", kind: "rollback" }),
};

describe("what is known of a key", () => {
  it("is in the list of all keys", async () => {
    await using admin = await openFull();
    const answer = await admin.call("/api/keys");
    expect(answer.json()).toMatchObject({
      keys: [
        { name: "billing", state: "steady", ...BESIDE },
        { name: "reports", incidents: [], jobs: [] },
      ],
      at: iso(NOW),
      faults: [],
    });
    expect(answer.text).not.toContain(CANARY);
  });

  it("is on its own page of the API, beside what Paddle says now", async () => {
    await using admin = await openFull();
    const answer = await admin.call("/api/keys/billing");
    expect(answer.json()).toMatchObject({ ...BESIDE, paddle: { answer: "accepted" } });
    expect(answer.text).not.toContain(CANARY);
  });

  it("is nothing more where nothing more is known", async () => {
    await using admin = await openAdmin();
    expect((await admin.call("/api/keys/billing")).json()).toMatchObject({
      standby: null,
      lastSeen: null,
      due: null,
      switchOver: null,
      jobs: [],
      incidents: [],
      lastRotation: null,
    });
  });

  it("names the standby in the key's own store as new as the store has it", async () => {
    const store = new DeskStore(STEADY);
    await using admin = await openAdmin({ keys: [keyWith(store)] });
    await admin.call("/api/keys");
    const { slots, version } = await store.memory.read();
    await store.memory.write({ ...slots, standby: STANDBY }, version);
    expect((await admin.call("/api/keys/billing")).json()).toMatchObject({
      standby: { fingerprint: STANDBY.secret.fingerprint(), location: store.location },
    });
  });

  it("is shown without delay after somebody changed it here", async () => {
    const store = new DeskStore({ ...STEADY, old: OLD });
    await using admin = await openAdmin({ keys: [keyWith(store)] });
    expect((await admin.call("/api/keys")).json()).toMatchObject({ keys: [{ state: "in-grace" }] });
    await admin.call("/api/keys/billing/rollback", { method: "POST" });
    expect((await admin.call("/api/keys")).json()).toMatchObject({ keys: [{ state: "rolled-back" }] });
  });

  it("stays readable while the records are down, and says what could not be read", async () => {
    await using admin = await openAdmin();
    admin.records.isDown = true;
    const answer = await admin.call("/api/keys");
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ faults: [expect.stringContaining("the records are down")] });
  });
});

describe("GET /api/incidents", () => {
  it("names all that are open, of every key and of none, newest first", async () => {
    await using admin = await openFull();
    const answer = await admin.call("/api/incidents");
    expect(answer.json()).toMatchObject({
      incidents: [{ id: "silence", keyName: null }, BESIDE.incidents[0]],
      at: iso(NOW),
      faults: [],
    });
  });

  it("is empty where nothing is wrong", async () => {
    await using admin = await openAdmin();
    expect((await admin.call("/api/incidents")).json()).toMatchObject({ incidents: [] });
  });
});

describe("GET /api/plan", () => {
  it("says what comes next for each key", async () => {
    await using admin = await openFull();
    expect((await admin.call("/api/plan")).json()).toMatchObject({
      at: iso(NOW),
      keys: [
        { name: "billing", next: { says: expect.any(String) } },
        { name: "reports", rotation: { outage: expect.any(Object) } },
      ],
    });
  });
});
