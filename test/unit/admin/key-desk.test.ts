/** What the desk answers when its neighbours do what they should, and when they do not. */
import { describe, expect, it } from "vitest";
import { PaddleError } from "../../../src/core/errors.ts";
import { EMPTY_SLOTS, type Slots } from "../../../src/core/slots.ts";
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
  UNREADABLE,
} from "../../support/admin/keys.ts";
import { rememberProgress } from "../../../src/rotation/switch-over-progress.ts";
import type { SwitchOverState } from "../../../src/rotation/switch-over-state.ts";
import { type DeskPaddle, openDesk } from "../../support/admin/neighbours.ts";

function deskWith(keys: ReturnType<typeof keyWith>[], paddle: DeskPaddle["otherwise"] = null) {
  const world = openDesk(keys);
  world.paddle.otherwise = paddle;
  return { ...world, asked: world.paddle.asked };
}

const FULL: Slots = { active: ACTIVE, old: OLD, pending: PENDING, standby: STANDBY, rolledBack: false };

describe("the consumers of one key", () => {
  const state: SwitchOverState = {
    id: "1",
    startedAt: 0,
    consumers: [
      {
        name: "billing",
        state: "under-way",
        says: "1 of 2 instances",
        instances: [{ id: "pod-2", state: "lagging", says: null }],
      },
    ],
  };
  const active = ACTIVE.secret.fingerprint();

  it("are shown as far as they are with the active secret", async () => {
    const { desk, records } = deskWith([keyWith(STEADY)]);
    await rememberProgress(records, "billing", active, state, 60_000);
    expect(await desk.find("billing")).toMatchObject({
      switchOver: {
        startedAt: "1970-01-01T00:00:00.000Z",
        changedAt: "1970-01-01T00:01:00.000Z",
        consumers: state.consumers,
      },
    });
  });

  it("are not shown as they were with another secret", async () => {
    const { desk, records } = deskWith([keyWith(STEADY)]);
    expect(await desk.find("billing")).toMatchObject({ switchOver: null });
    await rememberProgress(records, "billing", "sha256:0123456789abcdef", state, 0);
    expect(await desk.find("billing")).toMatchObject({ switchOver: null });
  });
});

describe("one key", () => {
  it("is shown with what Paddle says, asked once and with the active secret, whatever else there is", async () => {
    const { desk, asked, clock } = deskWith([keyWith(FULL)]);
    expect(await desk.find("billing")).toMatchObject({
      state: "pending",
      paddle: { answer: "accepted", rotatable: true, expiresAt: "2027-02-19T12:00:00.000Z" },
    });
    expect(asked).toEqual([`${KEY_ID} ${ACTIVE.secret.fingerprint()}`]);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ["there is no active secret", { ...FULL, active: null }],
    ["the active secret carries no key id", { ...EMPTY_SLOTS, active: LEGACY }],
    ["its store cannot be read", UNREADABLE],
  ])("asks Paddle nothing when %s", async (_when, slots) => {
    const { desk, asked } = deskWith([keyWith(slots)]);
    expect(await desk.find("billing")).toMatchObject({ paddle: { answer: "none" } });
    expect(asked).toEqual([]);
  });

  it("says that Paddle refuses the active secret", async () => {
    const { desk } = deskWith([keyWith(STEADY)], { accepted: false });
    expect(await desk.find("billing")).toMatchObject({ state: "steady", paddle: { answer: "refused" } });
  });

  it("shows the store's side and Paddle's error when Paddle answers with one", async () => {
    const error = new PaddleError("Paddle is having trouble (503)", {
      code: "internal_error",
      status: 503,
      effect: "none",
      retry: "later",
    });
    const { desk } = deskWith([keyWith(STEADY)], error);
    expect(await desk.find("billing")).toMatchObject({
      state: "steady",
      paddle: { answer: "none", explanation: "Paddle is having trouble (503)" },
    });
  });

  it("waits 5 s for Paddle and no longer", async () => {
    const { desk, clock } = deskWith([keyWith(STEADY)], "silent");
    let found = false;
    const detail = desk.find("billing").finally(() => (found = true));
    await clock.advance(4_999);
    expect(found).toBe(false);
    await clock.advance(1);
    expect(await detail).toMatchObject({
      state: "steady",
      paddle: { answer: "none", explanation: "Paddle did not answer within 5 s" },
    });
  });

  it("is null when no key has the name", async () => {
    expect(await deskWith([keyWith(STEADY)]).desk.find("Billing")).toBeNull();
  });
});

describe("asking for a rotation", () => {
  const ask = { askedBy: "ops" };

  it("queues a graceful rotation of the key that the store holds, and says who asked", async () => {
    const { desk, workQueue, logged } = deskWith([keyWith(STEADY)]);
    const answer = await desk.requestRotation("billing", { graceSeconds: 0, askedBy: "ops" });
    const jobId = answer.kind === "queued" ? answer.jobId : "";
    expect(jobId).toMatch(/^manual-[0-9a-f-]{36}$/);
    expect(workQueue.puts).toEqual([
      {
        job: "rotate",
        keyName: "billing",
        keyId: KEY_ID,
        intent: { id: jobId, kind: "manual", requestedAt: NOW },
        eventId: null,
        graceSeconds: 0,
      },
    ]);
    expect(logged.lines).toMatchObject([
      { msg: "rotation asked for", askedBy: "ops", keyName: "billing", jobId },
    ]);
  });

  it("leaves the grace to the key when nobody chose one", async () => {
    const { desk, workQueue } = deskWith([keyWith(STEADY)]);
    await desk.requestRotation("billing", ask);
    expect(workQueue.puts[0]).not.toHaveProperty("graceSeconds");
  });

  it("queues a revoke-first rotation where it waits behind nothing, without a grace", async () => {
    const { desk, workQueue } = deskWith([keyWith(STEADY)]);
    const answer = await desk.requestRotation("billing", { ...ask, mode: "revoke-first" });
    expect(answer).toMatchObject({ kind: "queued", queue: "emergencies" });
    expect(workQueue.puts).toMatchObject([
      { job: "revoke-first", keyId: KEY_ID, intent: { kind: "manual" }, eventId: null },
    ]);
    expect(workQueue.puts[0]).not.toHaveProperty("graceSeconds");
  });

  it("makes each request a job of its own", async () => {
    const { desk, workQueue } = deskWith([keyWith(STEADY)]);
    await desk.requestRotation("billing", ask);
    await desk.requestRotation("billing", ask);
    expect(workQueue.jobs).toHaveLength(2);
  });

  it.each([
    ["an unknown key", { kind: "unknown-key" }, STEADY, "other"],
    [
      "a store without an active secret",
      { kind: "not-now", why: expect.stringContaining("holds no active secret") },
      { ...FULL, active: null },
      "billing",
    ],
    [
      "a legacy key",
      { kind: "not-now", why: expect.stringContaining("legacy key") },
      { ...EMPTY_SLOTS, active: LEGACY },
      "billing",
    ],
    ["a store that cannot be read", { kind: "unavailable", why: UNREADABLE.message }, UNREADABLE, "billing"],
  ])("queues nothing for %s and says why", async (_what, answer, slots, name) => {
    const { desk, workQueue } = deskWith([keyWith(slots)]);
    expect(await desk.requestRotation(name, ask)).toEqual(answer);
    expect(workQueue.puts).toEqual([]);
  });

  it("names the job that the queue may have taken when the queue does not confirm it", async () => {
    const { desk, workQueue, logged } = deskWith([keyWith(STEADY)]);
    workQueue.state = "down";
    const answer = await desk.requestRotation("billing", ask);
    const page = `/queues/queue/rotations/${workQueue.puts[0]?.intent.id}`;
    expect(answer).toEqual({
      kind: "unavailable",
      why: `the queue is down; it may have the job all the same: look at ${page} before you ask again.`,
    });
    expect(logged.lines).toEqual([]);
  });
});
