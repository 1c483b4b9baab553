/** The overview as it is made of what was read. */
import { describe, expect, it } from "vitest";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import type { IssuedSecret, Slots } from "../../../src/core/slots.ts";
import { compile, type Readings } from "../../../src/overview/compile.ts";
import type { KeyLook } from "../../../src/overview/key-look.ts";
import type { AuditRecord } from "../../../src/rotation/audit-record.ts";
import {
  ACTIVE,
  issued,
  KEY_ID,
  keyWith,
  LEGACY,
  NOW,
  OTHER_KEY_ID,
  secretOf,
  STANDBY,
  STEADY,
} from "../../support/admin/keys.ts";
import { alertOf, jobView } from "./place.ts";

const DAY_MS = 86_400_000;
const OTHER: IssuedSecret = { ...issued("Other"), secret: secretOf("Other", OTHER_KEY_ID) };
const SEEN = {
  at: NOW,
  status: "active",
  rotatable: true,
  expiresAt: NOW + 30 * DAY_MS,
  exposedAt: null,
} as const;

function look(slots: Slots | string, rest: Partial<KeyLook> = {}): KeyLook {
  const nothing = { paddle: null, firstSeenAt: undefined, progress: null };
  return { slots, ...nothing, standby: { secret: null, fault: null }, at: NOW, ...rest };
}

const KEY = keyWith(STEADY);

function compiled(readings: Partial<Readings>) {
  return compile({
    now: NOW,
    keys: [{ key: KEY, look: look(STEADY) }],
    jobs: [],
    alerts: [],
    records: [],
    ...readings,
  });
}

const only = (readings: Partial<Readings>) => {
  const [key] = compiled(readings).keys;
  if (!key) throw new Error("there is no key");
  return key;
};

const withPolicy = (policy: Partial<ManagedKey["policy"]>): ManagedKey => ({
  ...KEY,
  policy: { ...KEY.policy, ...policy },
});

function record(rest: Partial<AuditRecord>): AuditRecord {
  return {
    id: "evt_1",
    kind: "rotation",
    keyName: "billing",
    keyId: KEY_ID,
    intent: "expiring",
    eventId: null,
    requestedAt: "2026-11-21T12:00:00Z",
    receivedAt: "2026-11-21T12:00:00Z",
    endedAt: "2026-11-21T12:01:00Z",
    outcome: "done",
    result: "rotated",
    summary: "billing is rotated.",
    steps: [],
    secrets: [],
    ...rest,
  };
}

describe("a key in the overview", () => {
  it("holds no secret", () => {
    const full = look({ ...STEADY, standby: STANDBY }, { standby: { secret: STANDBY, fault: null } });
    const overview = compiled({ keys: [{ key: KEY, look: full }] });
    expect(JSON.stringify(overview)).not.toContain("CaNaRy");
    expect(overview.keys[0]?.standby.secret?.fingerprint).toBe(STANDBY.secret.fingerprint());
  });

  it("that was not looked at yet says so, with all that is known from elsewhere", () => {
    const key = only({ keys: [{ key: KEY, look: null }], jobs: [jobView()], alerts: [alertOf("a")] });
    expect(key).toMatchObject({
      view: { state: "store-unreachable", explanation: "It could not be looked at yet." },
      due: null,
      jobs: [jobView()],
      alerts: [alertOf("a")],
    });
  });

  it("has its own jobs and its standby's, not those of others", () => {
    const own = [jobView({ id: "evt_1" }), jobView({ id: "evt_2", keyName: "billing-standby" })];
    const others = [
      jobView({ id: "evt_3", keyName: "reports", keyId: OTHER_KEY_ID }),
      jobView({ id: "evt_4", keyName: null, keyId: OTHER_KEY_ID }),
    ];
    expect(only({ jobs: [...own, ...others] }).jobs).toEqual(own);
  });

  it("has the jobs that were queued for its key id under another name, or none", () => {
    const jobs = [
      jobView({ id: "evt_1", keyName: "former-name" }),
      jobView({ id: "evt_2", keyName: null }),
      jobView({ id: "evt_3", keyName: "former-name", keyId: OTHER_KEY_ID }),
    ];
    const old = { ...OTHER, until: null };
    expect(only({ jobs }).jobs).toEqual(jobs.slice(0, 2));
    expect(only({ jobs, keys: [{ key: KEY, look: look({ ...STEADY, old }) }] }).jobs).toEqual(jobs);
  });

  it("keeps its jobs although another key is named as its standby would be", () => {
    const named = keyWith(STEADY, "billing-standby");
    const jobs = [jobView({ keyName: "billing-standby", keyId: OTHER_KEY_ID })];
    const { keys } = compiled({
      keys: [KEY, named].map((key) => ({ key, look: look(STEADY) })),
      jobs,
    });
    expect(keys.map((key) => key.jobs.length)).toEqual([0, 1]);
  });

  it("shows its twenty newest alerts, and keeps its incidents however many came since", () => {
    const noise = Array.from({ length: 30 }, (_, at) => alertOf(`n${at}`, { keyName: "billing-standby" }));
    const incident = alertOf("lost", { incident: { id: "lost", state: "open" } });
    const key = only({ alerts: [...noise, incident] });
    expect(key.alerts).toEqual(noise.slice(0, 20));
    expect(key.incidents).toEqual([{ alert: incident, since: NOW }]);
  });

  it("leaves to nobody what is about no key, or about one that is not configured", () => {
    const alerts = [
      alertOf("a", { keyName: null, incident: { id: "a", state: "open" } }),
      alertOf("b", { keyName: "gone" }),
      alertOf("c"),
    ];
    const overview = compiled({ alerts });
    expect(overview.alerts.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(overview.incidents.map(({ alert }) => alert.id)).toEqual(["a"]);
    expect(overview.keys[0]?.alerts.map(({ id }) => id)).toEqual(["c"]);
  });

  it("was rotated last by the newest record of its own that came to its end", () => {
    const records = [
      record({ id: "evt_4", outcome: "needs-person" }),
      record({ id: "evt_3", keyName: "reports" }),
      record({ id: "evt_2", kind: "replacement" }),
      record({ id: "evt_1" }),
    ];
    expect(only({ records }).lastRotation?.id).toBe("evt_2");
    expect(only({ records: [] }).lastRotation).toBeNull();
  });

  it("shows how far its consumers are only where that is about its active secret", () => {
    const progress = {
      fingerprint: ACTIVE.secret.fingerprint(),
      startedAt: NOW,
      changedAt: NOW + 1_000,
      consumers: [],
    };
    const shown = (fingerprint: string) =>
      only({
        keys: [{ key: KEY, look: look(STEADY, { progress: { ...progress, fingerprint } }) }],
      }).switchOver;
    expect(shown(progress.fingerprint)).toEqual({
      startedAt: "2026-11-21T12:00:00.000Z",
      changedAt: "2026-11-21T12:00:01.000Z",
      consumers: [],
    });
    expect(shown(STANDBY.secret.fingerprint())).toBeNull();
  });
});

describe("when a key is due", () => {
  const due = (key: ManagedKey, seen: KeyLook, now = NOW) => only({ now, keys: [{ key, look: seen }] }).due;
  const renewedBefore = withPolicy({ renewBeforeMs: 7 * DAY_MS });

  it("is told from its expiry as Paddle last said it", () => {
    expect(due(renewedBefore, look(STEADY, { paddle: SEEN }))).toEqual({
      at: NOW + 23 * DAY_MS,
      because: "expiry",
      forced: false,
    });
  });

  it("is told from the age of its secret, or from when that was seen first", () => {
    const key = withPolicy({ everyMs: 60 * DAY_MS });
    const unknown = look({ ...STEADY, active: { ...ACTIVE, issuedAt: null } }, { firstSeenAt: NOW - DAY_MS });
    expect(due(key, look(STEADY))?.at).toBe(NOW - 3_600_000 + 60 * DAY_MS);
    expect(due(key, unknown)?.at).toBe(NOW + 59 * DAY_MS);
  });

  it.each([
    ["its store did not say what it holds", look("no")],
    ["it has no active secret", look({ ...STEADY, active: null })],
    ["its secret is a legacy one", look({ ...STEADY, active: LEGACY })],
    ["neither its age nor its expiry says so", look(STEADY)],
  ])("is not known where %s", (_why, seen) => {
    expect(due(renewedBefore, seen)).toBeNull();
  });

  it("is the next opening of its window while that is shut, and stands still once it is open", () => {
    // 21 November 2026 is a Saturday.
    const window = { days: ["sun"], from: 60, to: 180, timeZone: "UTC" } as const;
    const key = withPolicy({ everyMs: DAY_MS, window });
    const old = look({ ...STEADY, active: { ...ACTIVE, issuedAt: NOW - 3 * DAY_MS } });
    const opening = Date.parse("2026-11-22T01:00:00Z");
    expect(due(key, old)?.at).toBe(opening);
    const inside = [opening, opening + 60_000, opening + 7_199_000].map((now) => due(key, old, now)?.at);
    expect(inside).toEqual([opening, opening, opening]);
    expect(due(key, old, opening + 7_200_000)?.at).toBe(opening + 7 * DAY_MS);
  });
});
