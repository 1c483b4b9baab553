/** Rolling back: what is swapped, who hears of it, and what is said when something is in the way. */
import { describe, expect, it } from "vitest";
import type { Slots } from "../../../src/core/slots.ts";
import { rememberExposure } from "../../../src/rotation/exposures.ts";
import { ROLLBACK_MARGIN_MS } from "../../../src/rotation/next-step.ts";
import { ACTIVE, CANARY, KEY_ID, keyWith, NOW, OLD, PENDING, STEADY } from "../../support/admin/keys.ts";
import { apiKey, DeskStore, openDesk, PADDLE_IS_DOWN, PLATFORM } from "../../support/admin/neighbours.ts";

const HOUR_MS = 3_600_000;
const OLDER = { ...OLD, issuedAt: NOW - 10 * HOUR_MS };
const IN_GRACE: Slots = { ...STEADY, old: OLDER };
const { until, ...older } = OLDER;
const ROLLED_BACK: Slots = { ...STEADY, active: older, old: { ...ACTIVE, until }, rolledBack: true };
const ENDS_AT = new Date((until ?? 0) - ROLLBACK_MARGIN_MS).toISOString();

function world(slots: Slots = IN_GRACE) {
  const store = new DeskStore(slots);
  const opened = openDesk([keyWith(store)]);
  return { ...opened, store, roll: () => opened.desk.requestRollback("billing", "ops") };
}

describe("a rollback", () => {
  it("swaps the secrets in one write and queues the job that swaps them again in time", async () => {
    const { roll, store, workQueue, paddle } = world();
    const answer = await roll();
    expect(answer).toMatchObject({ kind: "queued", queue: "rotations", endsAt: ENDS_AT });
    expect(answer).toMatchObject({ explanation: expect.stringContaining(OLD.secret.fingerprint()) });
    expect(store.slots).toEqual(ROLLED_BACK);
    expect(store.writes).toBe(1);
    expect(paddle.asked).toEqual([`${KEY_ID} ${OLD.secret.fingerprint()}`]);
    const jobId = answer.kind === "queued" ? answer.jobId : "";
    expect(jobId).toMatch(/^resume-[0-9a-f-]{36}$/);
    expect(workQueue.puts).toEqual([
      {
        job: "rotate",
        keyName: "billing",
        keyId: KEY_ID,
        intent: { id: jobId, kind: "resume", requestedAt: NOW },
        eventId: null,
      },
    ]);
  });

  it("is refused where a platform rotates the key, before anything is written", async () => {
    const { roll, store } = world();
    store.platform = PLATFORM;
    expect(await roll()).toMatchObject({
      kind: "not-now",
      why: expect.stringContaining("AWS rotates this key"),
    });
    expect(store.writes).toBe(0);
  });

  it("tells people until when it lasts", async () => {
    const { roll, alerts } = world();
    await roll();
    expect(alerts.raised).toMatchObject([
      {
        kind: "rolled-back",
        severity: "warning",
        keyName: "billing",
        keyId: KEY_ID,
        happened: expect.stringContaining(ENDS_AT),
        action: expect.stringContaining("Within 55m"),
      },
    ]);
    expect(alerts.raised[0]?.id).toMatch(/^rolled-back-apikey_\w+-rollback-[\w-]+$/);
  });

  it("is kept as a record of its own, apart from that of the job which ends it", async () => {
    const { roll, desk, logged } = world();
    await roll();
    const { rotations } = await desk.listRecords({ limit: 9 });
    expect(rotations).toMatchObject([
      {
        id: expect.stringMatching(/^rollback-sha256-/),
        kind: "rollback",
        outcome: "done",
        result: "rolled-back",
        summary: expect.stringContaining("rolled back by ops"),
        secrets: [{ fingerprint: OLD.secret.fingerprint() }, { fingerprint: ACTIVE.secret.fingerprint() }],
      },
    ]);
    expect(logged.lines.map(({ msg }) => msg).toSorted()).toEqual(["audit record", "rolled back"]);
  });

  it.each<[string, Slots]>([
    ["a secret is staged", { ...IN_GRACE, pending: PENDING }],
    ["there is no old secret", STEADY],
  ])("is refused without asking Paddle when %s", async (_when, slots) => {
    const { roll, store, paddle, workQueue } = world(slots);
    expect(await roll()).toEqual({ kind: "not-now", why: expect.any(String) });
    expect([paddle.asked, store.writes, workQueue.puts]).toEqual([[], 0, []]);
  });

  it("is refused when Paddle refuses the old secret", async () => {
    const { roll, paddle, store } = world();
    paddle.says(OLD.secret, { accepted: false });
    expect(await roll()).toEqual({ kind: "not-now", why: expect.stringContaining("Paddle refuses") });
    expect(store.slots).toEqual(IN_GRACE);
  });

  it.each([
    ["open", NOW, "not-now"],
    ["over for the active secret but not for the old one", NOW - 2 * HOUR_MS, "not-now"],
    ["older than both secrets", NOW - 11 * HOUR_MS, "queued"],
  ])("looks at exposures: one that is %s", async (_which, occurredAt, kind) => {
    const { roll, records } = world();
    await rememberExposure(records, KEY_ID, { occurredAt, intentId: "evt_exposure" });
    expect(await roll()).toMatchObject({ kind });
  });

  it.each([
    ["after the old secret was issued", NOW - HOUR_MS, "not-now"],
    ["before the old secret was issued", NOW - 11 * HOUR_MS, "queued"],
  ])(
    "believes Paddle that the key was in public %s, whatever the records say",
    async (_when, exposedAt, kind) => {
      const { roll, paddle, store } = world();
      paddle.says(OLD.secret, { accepted: true, key: apiKey(KEY_ID, { exposedAt }) });
      expect(await roll()).toMatchObject({ kind });
      expect(store.writes).toBe(kind === "queued" ? 1 : 0);
    },
  );

  it("is refused the second time, and makes sure of all that the first time may have died before", async () => {
    const { roll, store, workQueue, alerts, desk } = world(ROLLED_BACK);
    expect(await roll()).toEqual({ kind: "not-now", why: expect.stringContaining("already") });
    expect(workQueue.puts).toMatchObject([{ job: "rotate", keyId: KEY_ID, intent: { kind: "resume" } }]);
    expect([store.writes, alerts.raised.length]).toEqual([0, 1]);
    expect((await desk.listRecords({ limit: 9 })).rotations).toMatchObject([{ result: "rolled-back" }]);
  });

  it("that is asked for again is told under the same id and kept once", async () => {
    const { roll, alerts, desk } = world();
    await roll();
    await roll();
    expect(new Set(alerts.raised.map(({ id }) => id)).size).toBe(1);
    expect((await desk.listRecords({ limit: 9 })).rotations).toHaveLength(1);
  });

  it("knows no other name", async () => {
    expect(await world().desk.requestRollback("Billing", "ops")).toEqual({ kind: "unknown-key" });
  });
});

describe("when something is in the way", () => {
  const unchanged = { kind: "unavailable", why: expect.stringContaining("Nothing was changed") };

  it.each<[string, (here: ReturnType<typeof world>) => unknown]>([
    ["the store cannot be read", ({ store }) => store.faulty.failNext("read")],
    ["the store cannot be written", ({ store }) => store.faulty.failNext("before-write")],
    ["Paddle is down", ({ paddle }) => (paddle.otherwise = PADDLE_IS_DOWN)],
    ["the records are down", ({ records }) => (records.isDown = true)],
  ])("changes nothing when %s", async (_when, upset) => {
    const here = world();
    upset(here);
    expect(await here.roll()).toEqual(unchanged);
    expect(here.store.slots).toEqual(IN_GRACE);
    expect(here.workQueue.puts).toEqual([]);
  });

  it("says that it may be rolled back when the store did not confirm; asking again makes sure", async () => {
    const { roll, store, workQueue } = world();
    store.faulty.failNext("after-write");
    expect(await roll()).toMatchObject({ kind: "unavailable", why: expect.stringContaining("ask again") });
    expect(store.slots).toEqual(ROLLED_BACK);
    expect(await roll()).toMatchObject({ kind: "not-now" });
    expect(workQueue.jobs).toHaveLength(1);
  });

  it("waits 5 s for Paddle and no longer", async () => {
    const { roll, paddle, clock } = world();
    paddle.otherwise = "silent";
    const answer = roll();
    await clock.advance(5_000);
    expect(await answer).toEqual(unchanged);
  });

  it("judges anew after every conflict, with a new question", async () => {
    const { roll, store, paddle } = world();
    store.before = (slots) => {
      store.before = null;
      return { ...slots, standby: PENDING };
    };
    expect(await roll()).toMatchObject({ kind: "queued" });
    expect(paddle.asked).toHaveLength(2);
    expect(store.slots.standby?.secret).toEqual(PENDING.secret);
  });

  it("stands back when a secret is staged meanwhile", async () => {
    const { roll, store } = world();
    store.before = (slots) => ({ ...slots, pending: PENDING });
    expect(await roll()).toEqual({ kind: "not-now", why: expect.stringContaining("staged") });
    expect(store.slots).toMatchObject({ rolledBack: false, pending: { rotationId: PENDING.rotationId } });
  });

  it("gives up when the slots keep changing", async () => {
    const { roll, store } = world();
    store.before = (slots) => slots;
    expect(await roll()).toEqual(unchanged);
    expect(store.writes).toBe(4);
    expect(store.slots).toEqual(IN_GRACE);
  });

  it("says that it is rolled back when only the queue is down, tells people, and the second time queues the job", async () => {
    const { roll, store, workQueue, alerts, desk } = world();
    workQueue.state = "down";
    expect(await roll()).toMatchObject({
      kind: "unavailable",
      why: expect.stringMatching(/^It is rolled back, but: the queue is down.*ask for the rollback again/s),
    });
    expect(store.slots).toEqual(ROLLED_BACK);
    expect(alerts.raised).toHaveLength(1);
    expect((await desk.listRecords({ limit: 9 })).rotations).toHaveLength(1);
    expect(await roll()).toMatchObject({ kind: "unavailable" });
    workQueue.state = "up";
    expect(await roll()).toMatchObject({ kind: "not-now" });
    expect(workQueue.jobs).toHaveLength(1);
  });

  it("queues the job although nobody can be told, and logs that", async () => {
    const { roll, alerts, workQueue, logged } = world();
    alerts.isDown = true;
    expect(await roll()).toMatchObject({ kind: "queued" });
    expect(workQueue.jobs).toHaveLength(1);
    expect(logged.lines.map(({ msg }) => msg)).toContain("rollback not told");
  });

  it("shows no secret anywhere", async () => {
    const { roll, alerts, desk, logged, workQueue } = world();
    const said: unknown[] = [await roll(), await roll(), alerts.raised, workQueue.puts];
    said.push(await desk.listRecords({ limit: 9 }));
    expect(JSON.stringify(said)).not.toContain(CANARY);
    expect(logged.text()).not.toContain(CANARY);
  });
});
