/** Handing over another key: what is checked, what is kept, and what is said when something is in the way. */
import { describe, expect, it } from "vitest";
import { PaddleError } from "../../../src/core/errors.ts";
import { isMet } from "../../../src/rotation/situation.ts";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, type Slots, unknownOrigin } from "../../../src/core/slots.ts";
import {
  ACTIVE,
  CANARY,
  issued,
  KEY_ID,
  keyWith,
  LEGACY,
  NOW,
  OLD,
  OTHER_KEY_ID,
  PENDING,
  secretOf,
  STEADY,
  UNREADABLE,
} from "../../support/admin/keys.ts";
import { apiKey, DeskStore, openDesk, PADDLE_IS_DOWN, PLATFORM } from "../../support/admin/neighbours.ts";

const CANDIDATE = secretOf("Candidate", OTHER_KEY_ID);
const FULL: Slots = { ...STEADY, old: OLD, pending: PENDING };

function world(slots: Slots = STEADY, others: ReturnType<typeof keyWith>[] = []) {
  const store = new DeskStore(slots);
  const opened = openDesk([keyWith(store), ...others]);
  const hand = (candidate = CANDIDATE, force = false) =>
    opened.desk.requestReplacement("billing", { candidate, force, askedBy: "ops" });
  return { ...opened, store, hand };
}

describe("a key for a secret that a platform rotates", () => {
  it("is not taken, and where to put it is said", async () => {
    const { hand, store } = world();
    store.platform = PLATFORM;
    expect(await hand()).toMatchObject({
      kind: "not-now",
      why: expect.stringContaining("take the new key and put it into the secret"),
    });
    expect(store.writes).toBe(0);
  });
});

describe("a key that passes", () => {
  it("is saved as the standby and put to use by a job that does not know it", async () => {
    const { hand, store, workQueue, logged } = world(FULL);
    const answer = await hand();
    expect(answer).toMatchObject({ kind: "queued", queue: "emergencies", notes: [] });
    const jobId = answer.kind === "queued" ? answer.jobId : "";
    expect(jobId).toMatch(/^manual-[0-9a-f-]{36}$/);
    expect(store.slots).toEqual({
      ...FULL,
      standby: { secret: CANDIDATE, rotationId: null, issuedAt: NOW, intentId: jobId },
    });
    expect(workQueue.puts).toEqual([
      {
        job: "replace",
        keyName: "billing",
        keyId: KEY_ID,
        intent: { id: jobId, kind: "manual", requestedAt: NOW },
        eventId: null,
      },
    ]);
    expect(logged.lines).toMatchObject([
      { msg: "replacement asked for", askedBy: "ops", newKeyId: OTHER_KEY_ID, jobId, force: false },
    ]);
  });

  it("is asked once, and the active secret too, to compare what they may do", async () => {
    const { hand, paddle } = world(FULL);
    await hand();
    expect(paddle.asked.toSorted()).toEqual(
      [`${KEY_ID} ${ACTIVE.secret.fingerprint()}`, `${OTHER_KEY_ID} ${CANDIDATE.fingerprint()}`].toSorted(),
    );
    expect(paddle.read).toEqual([]);
  });

  it("reads the key that it replaces where the active secret is dead", async () => {
    const { hand, paddle } = world();
    paddle.says(ACTIVE.secret, { accepted: false });
    paddle.readable = apiKey(KEY_ID, { status: "revoked", permissions: ["product.write"] });
    expect(await hand()).toMatchObject({ kind: "rejected", faults: [{ kind: "missing-permissions" }] });
    expect(paddle.read).toEqual([`${KEY_ID} with ${CANDIDATE.fingerprint()}`]);
  });

  it("passes with a note where it may not read the key that it replaces", async () => {
    const { hand, paddle } = world();
    paddle.says(ACTIVE.secret, { accepted: false });
    expect(await hand()).toMatchObject({
      kind: "queued",
      notes: [expect.stringContaining("could not be read")],
    });
  });

  it("may be handed over twice: each job finds that the key was brought for it", async () => {
    const { hand, store, workQueue, clock } = world();
    await hand();
    await clock.advance(60_000);
    expect(await hand()).toMatchObject({ kind: "queued", notes: [] });
    const [first, second] = workQueue.jobs;
    const { standby } = store.slots;
    expect([first, second].map((work) => work && isMet(work.intent, standby))).toEqual([true, true]);
    expect(standby).toMatchObject({ secret: CANDIDATE, issuedAt: NOW });
  });

  it("keeps its note when it was prepared as the standby before: it lay beside the active secret", async () => {
    const prepared = unknownOrigin(CANDIDATE);
    const { hand, store, workQueue } = world({ ...STEADY, standby: prepared });
    expect(await hand()).toMatchObject({ kind: "queued", notes: [] });
    expect([store.slots.standby, store.writes]).toEqual([prepared, 0]);
    expect(workQueue.jobs).toHaveLength(1);
  });

  it("is nothing new once it is the active one: Paddle is not even asked", async () => {
    const { hand, paddle, workQueue } = world({ ...STEADY, active: unknownOrigin(CANDIDATE) });
    expect(await hand()).toMatchObject({ kind: "done-already", notes: [expect.stringContaining("already")] });
    expect(paddle.asked).toEqual([]);
    expect(workQueue.puts).toEqual([]);
  });

  it("may be the former key: that is the way back", async () => {
    const { hand } = world({ ...STEADY, old: { ...unknownOrigin(CANDIDATE), until: null } });
    expect(await hand()).toMatchObject({ kind: "queued" });
  });

  it("names the standby whose place it took", async () => {
    const former = unknownOrigin(secretOf("Former", "apikey_01kcc1b2c3d4e5f6g7h8j9k0mn"));
    const { hand, store } = world({ ...STEADY, standby: former });
    expect(await hand()).toMatchObject({ notes: [expect.stringContaining("apikey_01kcc1b2c3d4")] });
    expect(store.slots.standby?.secret).toEqual(CANDIDATE);
  });

  it.each<[string, Slots]>([
    ["a legacy key", { ...EMPTY_SLOTS, active: LEGACY }],
    ["no active secret", EMPTY_SLOTS],
  ])("takes the place of %s by its own id", async (_what, slots) => {
    const { hand, workQueue, paddle } = world(slots);
    expect(await hand()).toMatchObject({ kind: "queued" });
    expect(workQueue.puts).toMatchObject([
      { job: "replace", keyId: OTHER_KEY_ID, intent: { kind: "manual" } },
    ]);
    expect(paddle.asked).toHaveLength(1);
  });

  it("notes which other keys could not be looked at", async () => {
    const { hand } = world(STEADY, [keyWith(UNREADABLE, "reports")]);
    expect(await hand()).toMatchObject({ kind: "queued", notes: [expect.stringContaining("reports")] });
  });
});

describe("a key that does not pass", () => {
  it.each([
    ["is no key at all", "format", "CaNaRy"],
    ["is of the other environment", "environment", CANDIDATE.reveal().replace("sdbx", "live")],
    ["is another secret of the very key", "same-key", secretOf("Another").reveal()],
    ["is the staged secret of the very key", "same-key", PENDING.secret.reveal()],
  ])("is not shown to Paddle when it %s", async (_what, kind, text) => {
    const { hand, paddle, store, workQueue } = world(FULL);
    const answer = await hand(new Secret(text));
    expect(answer).toMatchObject({ kind: "rejected", faults: [{ kind, overridable: false }] });
    expect([paddle.asked, store.writes, workQueue.puts]).toEqual([[], 0, []]);
  });

  it("is not shown to Paddle when it is staged for a name that has lost its active secret", async () => {
    const { hand, paddle } = world({ ...FULL, active: null, old: null });
    expect(await hand(PENDING.secret)).toMatchObject({ faults: [{ kind: "already-managed" }] });
    expect(paddle.asked).toEqual([]);
  });

  it.each(["active", "old", "pending", "standby"] as const)(
    "is not shown to Paddle when it is the %s secret of another name",
    async (slot) => {
      const held = { ...OLD, ...PENDING, secret: CANDIDATE };
      const { hand, paddle } = world(STEADY, [keyWith({ ...EMPTY_SLOTS, [slot]: held }, "reports")]);
      const answer = await hand();
      expect(answer).toMatchObject({ faults: [{ kind: "already-managed" }] });
      expect(JSON.stringify(answer)).toContain("reports");
      expect(paddle.asked).toEqual([]);
    },
  );

  it("is told every fault at once", async () => {
    const { hand, paddle, store } = world();
    const key = apiKey(OTHER_KEY_ID, { exposedAt: NOW, status: "revoked", permissions: [] });
    paddle.says(CANDIDATE, { accepted: true, key });
    const answer = await hand();
    expect(answer).toMatchObject({
      kind: "rejected",
      faults: [
        { kind: "exposed", overridable: false },
        { kind: "not-active", overridable: false },
        { kind: "missing-permissions", overridable: true },
      ],
    });
    expect(store.slots.standby).toBeNull();
  });

  it("is rejected when Paddle refuses it", async () => {
    const { hand, paddle } = world();
    paddle.says(CANDIDATE, { accepted: false });
    expect(await hand(CANDIDATE, true)).toMatchObject({ faults: [{ kind: "refused" }] });
    expect(paddle.read).toEqual([]);
  });

  it("passes by force where only permissions are missing, and the answer names them", async () => {
    const { hand, paddle } = world();
    paddle.says(CANDIDATE, { accepted: true, key: apiKey(OTHER_KEY_ID, { permissions: [] }) });
    expect(await hand()).toMatchObject({ kind: "rejected" });
    expect(await hand(CANDIDATE, true)).toMatchObject({
      kind: "queued",
      notes: [expect.stringContaining("transaction.read")],
    });
  });
});

describe("when something is in the way", () => {
  const unchanged = { kind: "unavailable", why: expect.stringContaining("Nothing was changed.") };

  it("changes nothing when the store cannot be read", async () => {
    const { hand, store } = world();
    store.faulty.failNext("read");
    expect(await hand()).toEqual(unchanged);
  });

  it.each([
    ["the new key", CANDIDATE],
    ["the active one", ACTIVE.secret],
  ])("changes nothing when Paddle says nothing of %s", async (_which, secret) => {
    const { hand, paddle, store } = world();
    paddle.says(secret, PADDLE_IS_DOWN);
    expect(await hand()).toEqual(unchanged);
    expect(store.slots).toEqual(STEADY);
  });

  it("changes nothing when Paddle says nothing of a key that could be read", async () => {
    const { hand, paddle } = world();
    paddle.says(ACTIVE.secret, { accepted: false });
    paddle.readable = PADDLE_IS_DOWN;
    expect(await hand()).toEqual(unchanged);
  });

  it("waits 5 s for Paddle and no longer", async () => {
    const { hand, paddle, clock } = world();
    paddle.otherwise = "silent";
    const answer = hand();
    await clock.advance(5_000);
    expect(await answer).toEqual(unchanged);
    expect(clock.sleeping).toBe(0);
  });

  it.each(["before-write", "after-write"] as const)(
    "says what may be when the store fails %s",
    async (point) => {
      const { hand, store, workQueue } = world();
      store.faulty.failNext(point);
      expect(await hand()).toMatchObject({
        kind: "unavailable",
        why: expect.stringContaining("again is safe"),
      });
      expect(workQueue.puts).toEqual([]);
      expect(await hand()).toMatchObject({ kind: "queued" });
    },
  );

  it("says that the key is saved when only the queue is down; handing it over again is all it takes", async () => {
    const { hand, store, workQueue } = world();
    workQueue.state = "down";
    const answer = await hand();
    expect(answer).toMatchObject({
      kind: "unavailable",
      why: expect.stringContaining(`(${CANDIDATE.fingerprint()}) is saved as the standby`),
    });
    expect(store.slots.standby?.secret).toEqual(CANDIDATE);
    workQueue.state = "up";
    expect(await hand()).toMatchObject({ kind: "queued" });
    expect(workQueue.jobs).toHaveLength(1);
  });

  it("leaves what others write in place, however they hurry", async () => {
    const { hand, store } = world();
    let times = 0;
    store.before = (slots) =>
      (times += 1) < 5 ? { ...slots, pending: { ...PENDING, issuedAt: times } } : slots;
    // The fifth write meets a rewrite of the same slots: that is a conflict too.
    expect(await hand()).toMatchObject({
      kind: "unavailable",
      why: expect.stringContaining("keep changing"),
    });
    expect(store.slots).toMatchObject({ pending: { issuedAt: 4 }, standby: null });
    store.before = null;
    expect(await hand()).toMatchObject({ kind: "queued" });
    expect(store.slots).toMatchObject({ pending: { issuedAt: 4 }, standby: { secret: CANDIDATE } });
  });

  it("stands back when another key becomes active meanwhile", async () => {
    const { hand, store, workQueue } = world();
    const third = unknownOrigin(secretOf("Third", "apikey_01kcc1b2c3d4e5f6g7h8j9k0mn"));
    store.before = (slots) => ({ ...slots, active: third });
    expect(await hand()).toMatchObject({ kind: "not-now", why: expect.stringContaining("became active") });
    expect(store.slots.standby).toBeNull();
    expect(workQueue.puts).toEqual([]);
  });

  it("is content when somebody else put the same key to use meanwhile", async () => {
    const { hand, store } = world();
    store.before = (slots) => ({ ...slots, active: issuedBy("other") });
    expect(await hand()).toMatchObject({ kind: "done-already" });
  });

  it("knows no other name", async () => {
    const { desk } = world();
    const request = { candidate: CANDIDATE, force: false, askedBy: "ops" };
    expect(await desk.requestReplacement("Billing", request)).toEqual({ kind: "unknown-key" });
  });

  it("shows the secret nowhere, whatever happens, also where other people's errors quote it", async () => {
    const quoting = new Error(`bad header: ${CANDIDATE.reveal()}`);
    const said: unknown[] = [];
    const texts: string[] = [];
    for (const upset of [
      () => {},
      ({ paddle }: ReturnType<typeof world>) => (paddle.otherwise = quoting),
      ({ paddle }: ReturnType<typeof world>) => (paddle.otherwise = refusing()),
      ({ store }: ReturnType<typeof world>) => store.faulty.failNext("read", quoting),
      ({ store }: ReturnType<typeof world>) => store.faulty.failNext("before-write", quoting),
      ({ workQueue }: ReturnType<typeof world>) => (workQueue.state = "down"),
    ]) {
      const here = world();
      upset(here);
      said.push(await here.hand(), here.workQueue.puts);
      texts.push(here.logged.text());
    }
    expect(JSON.stringify(said)).not.toContain(CANARY);
    expect(texts.join()).not.toContain(CANARY);
  });
});

function issuedBy(intentId: string) {
  return { ...issued("x"), secret: CANDIDATE, intentId };
}

function refusing(): PaddleError {
  return new PaddleError("Paddle answered 400", {
    code: "bad_request",
    status: 400,
    effect: "none",
    retry: "never",
  });
}
