/** What the plan promises of each key: what comes next, and the worst outage of each case. */
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../src/core/alert.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import { EMPTY_SLOTS, type Slots } from "../../../src/core/slots.ts";
import { viewKey, viewSecret, viewUnreachable } from "../../../src/overview/key-view.ts";
import type { KeyOverview } from "../../../src/overview/overview.ts";
import { Plan, planOf } from "../../../src/overview/plan.ts";
import {
  ACTIVE,
  KEY_ID,
  keyWith,
  LEGACY,
  NOW,
  OLD,
  PENDING,
  STANDBY,
  STEADY,
} from "../../support/admin/keys.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const CONSUMER = { name: "billing-app", refreshMs: 5 * MINUTE_MS, timeoutMs: 10 * MINUTE_MS };
const PADDLE = {
  at: NOW,
  status: "active",
  rotatable: true,
  expiresAt: NOW + 90 * DAY_MS,
  exposedAt: null,
} as const;
const DUE = { at: NOW + 83 * DAY_MS, because: "expiry", forced: false } as const;
const HEALTHY = { secret: viewSecret(STANDBY), location: "./billing.env", fault: null };
const NO_STANDBY = { ...HEALTHY, secret: null };

/** A key for which everything is well, and what is not. */
function overview(given: Partial<KeyOverview> = {}, slots: Slots = STEADY): KeyOverview {
  const key = keyWith(slots);
  return {
    view: viewKey(key, slots, NOW),
    policy: key.policy,
    consumers: [CONSUMER],
    checks: 0,
    paddle: PADDLE,
    due: DUE,
    switchOver: null,
    standby: HEALTHY,
    jobs: [],
    incidents: [],
    alerts: [],
    lastRotation: null,
    ...given,
  };
}

function planned(given: Partial<KeyOverview> = {}, slots: Slots = STEADY) {
  const [key] = planOf({ keys: [overview(given, slots)] }, NOW).keys;
  if (!key) throw new Error("there is no plan");
  return key;
}

const job = (given: Partial<JobView> = {}): JobView => ({
  work: {
    job: "rotate",
    keyName: "billing",
    keyId: KEY_ID,
    eventId: null,
    intent: { id: "manual-1", kind: "manual", requestedAt: NOW },
  },
  queue: "rotations",
  state: "running",
  nextAt: null,
  percent: 10,
  attempts: 0,
  failure: null,
  facts: {},
  ...given,
});

const critical: Alert = {
  id: "a",
  kind: "key-dead",
  severity: "critical",
  keyName: "billing",
  keyId: KEY_ID,
  happened: "The key is dead.",
  action: "Bring another key.",
  raisedAt: NOW,
};

describe("what comes next", () => {
  it("is the rotation that policy makes due, with its reason", () => {
    expect(planned().next).toEqual({
      what: "rotation",
      at: "2027-02-12T12:00:00.000Z",
      because: "expiry",
      says: "2027-02-12T12:00:00.000Z, in 83d, because the key expires (renewBefore).",
    });
    expect(planned({ due: { at: NOW, because: "age", forced: true } }).next).toMatchObject({
      because: "age",
      says: "Due now, by the age of the secret (every), outside the window: none opens in time.",
    });
  });

  it("is the end of the grace where a former secret still works", () => {
    expect(planned({}, { ...STEADY, old: OLD }).next).toMatchObject({
      what: "rest-of-rotation",
      at: "2026-11-21T13:00:00.000Z",
      says: expect.stringMatching(/^The new secret is in use.*After that, the next rotation: 2027-02-12/),
    });
  });

  it("does not name dates of a secret that another one is about to follow", () => {
    const due = { at: NOW - 1, because: "age", forced: false } as const;
    for (const slots of [
      { ...STEADY, pending: PENDING },
      { ...STEADY, old: OLD, rolledBack: true },
    ])
      expect(planned({ due }, slots).next.says).not.toContain("After that");
    const over = { ...STEADY, old: { ...OLD, until: NOW - 1 } };
    expect(planned({}, over).next).toMatchObject({ what: "rest-of-rotation", at: null });
  });

  it("is the job that is at work, but not one that only looks", () => {
    expect(planned({ jobs: [job({ nextAt: NOW + MINUTE_MS })] }).next).toMatchObject({
      what: "rest-of-rotation",
      at: "2026-11-21T12:01:00.000Z",
    });
    const inspects = job();
    const work = { ...inspects.work, job: "inspect" } as JobView["work"];
    expect(planned({ jobs: [{ ...inspects, work }] }).next.what).toBe("rotation");
  });

  it.each([
    [
      "failed job",
      { jobs: [job({ state: "failed", failure: "the store is full" })] },
      "job-failed",
      /the store is full/,
    ],
    ["critical incident", { incidents: [{ alert: critical, since: NOW }] }, "incident", /Bring another key/],
    [
      "store that does not answer",
      { view: viewUnreachable(keyWith(STEADY), "It is sealed.") },
      "store-unreachable",
      /sealed/,
    ],
  ])("waits for a person where there is a %s", (_what, given, because, says) => {
    const { next } = planned(given);
    expect(next).toMatchObject({ what: "waits-for-person", at: null, because });
    expect(next.says).toMatch(says);
  });

  it("does not wait for a person because of an incident that can wait", () => {
    const alert = { ...critical, severity: "warning" } as const;
    expect(planned({ incidents: [{ alert, since: NOW }] }).next.what).toBe("rotation");
  });

  it.each([
    ["a legacy key", { ...EMPTY_SLOTS, active: LEGACY }, "legacy-key"],
    ["an empty store", EMPTY_SLOTS, "no-active-secret"],
  ])("waits for a person with %s", (_what, slots, because) => {
    expect(planned({}, slots).next).toMatchObject({ what: "waits-for-person", because });
  });

  it.each([
    ["it was made without rotation", { paddle: { ...PADDLE, rotatable: false } }, "not-rotatable"],
    ["nothing makes it due", { due: null, paddle: { ...PADDLE, expiresAt: null } }, "never-due"],
    ["Paddle was not asked yet", { due: null, paddle: null }, "not-asked-yet"],
  ])("is nothing where %s", (_what, given, because) => {
    expect(planned(given).next).toMatchObject({ what: "nothing", at: null, because });
  });
});

describe("the worst outage", () => {
  it("of a rotation is none, because every consumer fits into the grace", () => {
    const { needsPerson, outage } = planned().rotation;
    expect([needsPerson, outage.kind, outage.seconds]).toEqual([false, "none", 0]);
    expect(outage.why).toBe(
      "The slowest consumer, billing-app, may take 15m of the grace of 1d: 23h 45m to spare.",
    );
  });

  it("of a rotation is what the slowest consumer takes beyond the grace", () => {
    const policy = { ...keyWith(STEADY).policy, graceSeconds: 600 };
    expect(planned({ policy }).rotation.outage).toMatchObject({ kind: "at-most", seconds: 300 });
    const exactly = { ...policy, graceSeconds: 900 };
    expect(planned({ policy: exactly }).rotation.outage).toMatchObject({ kind: "none", seconds: 0 });
  });

  it("of a leak and of a death is the slowest consumer's switch-over, where a standby is ready", () => {
    const slow = { ...CONSUMER, name: "slow", refreshMs: 20 * MINUTE_MS };
    const { exposure, death } = planned({ consumers: [CONSUMER, slow] });
    for (const { needsPerson, outage } of [exposure, death]) {
      expect([needsPerson, outage.kind, outage.seconds]).toEqual([false, "at-most", 1_800]);
      expect(outage.why).toBe("slow may hold the dead secret for 20m (refresh) and 10m (its roll-out).");
    }
  });

  it.each([
    ["there is none", NO_STANDBY],
    ["it would not do", { ...HEALTHY, fault: "is dead: Paddle refuses it" }],
  ])("lasts until a person acts where a standby is needed and %s", (_why, standby) => {
    const { exposure, death } = planned({ standby });
    expect(death).toMatchObject({
      needsPerson: true,
      outage: { kind: "until-a-person-acts", seconds: null },
    });
    expect(exposure.outage).toMatchObject({ kind: "until-a-person-acts", seconds: null });
    expect(exposure.outage.why).toMatch(/^15m while the key lives\. Where Paddle has revoked the key itself/);
  });

  it("asks for a person after a leak of a key that cannot kill its own secret", () => {
    const paddle = { ...PADDLE, rotatable: false };
    expect(planned({ paddle }).exposure).toMatchObject({ needsPerson: true, outage: { kind: "at-most" } });
    expect(planned({ paddle, standby: NO_STANDBY }).exposure.outage.kind).toBe("until-a-person-acts");
    expect(planned({ paddle }).rotation.needsPerson).toBe(true);
  });

  it("is not known where no consumer is configured, or one shows nothing", () => {
    expect(planned({ consumers: [] }).rotation.outage).toMatchObject({ kind: "unknown", seconds: null });
    expect(planned({ consumers: [] }).death.outage.kind).toBe("unknown");
    const silent = { name: "billing-app", state: "unprovable", says: "", instances: [] } as const;
    const switchOver = { startedAt: "", changedAt: "", consumers: [{ ...silent, instances: [] }] };
    const { outage } = planned({ switchOver }).rotation;
    expect([outage.kind, outage.why]).toEqual([
      "unknown",
      expect.stringContaining("nothing proves it of billing-app"),
    ]);
  });

  it("says that a leaked secret works on where the team chose so", () => {
    const policy = { ...keyWith(STEADY).policy, onExposure: "graceful" } as const;
    expect(planned({ policy }).exposure.does).toMatch(/the leaked secret works for 1d more/);
  });
});

describe("a plan", () => {
  it("has every key in its order and is what its schema says", () => {
    const other = overview({ view: viewKey(keyWith(STEADY, "reports"), { ...STEADY, active: ACTIVE }, NOW) });
    const plan = planOf({ keys: [overview(), other, overview({}, EMPTY_SLOTS)] }, NOW);
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.at).toBe("2026-11-21T12:00:00.000Z");
    expect(plan.keys.map(({ name }) => name)).toEqual(["billing", "reports", "billing"]);
  });
});
