/** `POST /api/keys/{name}/replacement` and `…/rollback`, as programs use them. */
import { describe, expect, it } from "vitest";
import type { Slots } from "../../../src/core/slots.ts";
import {
  CANARY,
  KEY_ID,
  keyWith,
  NOW,
  OLD,
  OTHER_KEY_ID,
  secretOf,
  STEADY,
} from "../../support/admin/keys.ts";
import { apiKey, DeskStore, PADDLE_IS_DOWN } from "../../support/admin/neighbours.ts";
import { BASIC, CREDENTIALS, openAdmin } from "../../support/admin/world.ts";

const REPLACEMENT = "/api/keys/billing/replacement";
const ROLLBACK = "/api/keys/billing/rollback";
const CANDIDATE = secretOf("Candidate", OTHER_KEY_ID);
const KEY = CANDIDATE.reveal();
const IN_GRACE: Slots = { ...STEADY, old: OLD };
const JSON_TYPE = { "content-type": "application/json" };
const post = (body: unknown) => ({ method: "POST", body });

async function open(slots: Slots = STEADY, signIn = {}) {
  const store = new DeskStore(slots);
  const admin = await openAdmin({ keys: [keyWith(store)], ...signIn });
  return { ...admin, store };
}

describe("handing over a key", () => {
  it("answers 202 with the job, the page that shows it, and notes", async () => {
    await using admin = await open(STEADY, { signIn: CREDENTIALS });
    const answer = await admin.call(REPLACEMENT, { ...post({ key: ` ${KEY}\n` }), headers: BASIC });
    expect(answer.status).toBe(202);
    const jobId = admin.workQueue.puts[0]?.intent.id;
    expect(answer.json()).toEqual({ jobId, status: `/queues/queue/emergencies/${jobId}`, notes: [] });
    expect(admin.store.slots.standby?.secret).toEqual(CANDIDATE);
    expect(admin.logged.lines).toMatchObject([{ msg: "replacement asked for", askedBy: "ops" }]);
  });

  it("answers 200 when the key is in use already", async () => {
    await using admin = await open();
    const answer = await admin.call(REPLACEMENT, post({ key: STEADY.active?.secret.reveal() }));
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ jobId: null, notes: [expect.stringContaining("already")] });
  });

  it("answers 422 with every fault, for people and for programs", async () => {
    await using admin = await open();
    const key = apiKey(OTHER_KEY_ID, { exposedAt: NOW, permissions: [], rotatable: false });
    admin.paddle.says(CANDIDATE, { accepted: true, key });
    const answer = await admin.call(REPLACEMENT, post({ key: KEY }));
    expect(answer.status).toBe(422);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json()).toMatchObject({
      title: "Unprocessable Entity",
      status: 422,
      detail: expect.stringMatching(/was found in public.*lacks what/s),
      faults: [
        { kind: "exposed", says: expect.any(String), overridable: false },
        { kind: "missing-permissions", says: expect.any(String), overridable: true },
      ],
      notes: [expect.stringContaining("without rotation")],
    });
  });

  it("takes force for what may be overridden", async () => {
    await using admin = await open();
    admin.paddle.says(CANDIDATE, { accepted: true, key: apiKey(OTHER_KEY_ID, { permissions: [] }) });
    expect((await admin.call(REPLACEMENT, post({ key: KEY }))).status).toBe(422);
    expect((await admin.call(REPLACEMENT, post({ key: KEY, force: true }))).status).toBe(202);
  });

  it.each([
    ["no key", {}, 400],
    ["an empty key", { key: " " }, 400],
    ["a key that is no text", { key: { a: KEY } }, 400],
    ["a list of keys", { key: [KEY] }, 400],
    ["a number for force", { key: KEY, force: 1 }, 400],
    ["an unknown field", { key: KEY, grace: 0 }, 400],
    ["the key as the name of a field", { [KEY]: true }, 400],
    ["the key alone", JSON.stringify(KEY), 400],
    ["half a body", `{"key":"${KEY}`, 400],
    ["a key of 501 characters", { key: KEY + "x".repeat(501 - KEY.length) }, 400],
    ["a key of 500 characters", { key: KEY + "x".repeat(500 - KEY.length) }, 422],
    ["a huge body", { key: KEY.repeat(1_000) }, 413],
    ["another kind of body", `key=${KEY}`, 415],
  ])("refuses %s, and repeats nothing of it", async (_what, body, status) => {
    await using admin = await open();
    const isForm = status === 415;
    const headers = isForm ? { "content-type": "application/x-www-form-urlencoded" } : JSON_TYPE;
    const answer = await admin.call(REPLACEMENT, { ...post(body), headers });
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ status, detail: expect.any(String) });
    expect(answer.text + JSON.stringify(answer.headers) + admin.logged.text()).not.toContain(CANARY);
    expect([admin.store.writes, admin.workQueue.puts, admin.paddle.asked]).toEqual([0, [], []]);
  });

  it("answers 404 for another name, which may be a key pasted into the wrong place", async () => {
    await using admin = await open();
    const answer = await admin.call(`/api/keys/${KEY}/replacement`, post({ key: KEY }));
    expect(answer.status).toBe(404);
    expect(answer.text + admin.logged.text()).not.toContain(CANARY);
  });

  it.each([
    ["Paddle", "Nothing was changed."],
    ["the store", "Nothing was changed."],
    ["the queue", "is saved as the standby"],
  ])("answers 503 when %s is down, and says what was changed", async (which, says) => {
    await using admin = await open();
    if (which === "Paddle") admin.paddle.otherwise = PADDLE_IS_DOWN;
    if (which === "the store") admin.store.faulty.failNext("read");
    if (which === "the queue") admin.workQueue.state = "down";
    const answer = await admin.call(REPLACEMENT, post({ key: KEY }));
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining(says) });
    expect(answer.text).not.toContain(CANARY);
  });

  it("answers 503 in a storm of conflicts", async () => {
    await using admin = await open();
    admin.store.before = (slots) => slots;
    const answer = await admin.call(REPLACEMENT, post({ key: KEY }));
    expect([answer.status, admin.store.slots]).toEqual([503, STEADY]);
  });

  it("is only done by POST, and by nobody who has not signed in", async () => {
    await using admin = await open(STEADY, { signIn: CREDENTIALS });
    for (const path of [REPLACEMENT, ROLLBACK, "/api/rotations"])
      expect((await admin.call(path, post({ key: KEY }))).status).toBe(401);
    for (const path of [REPLACEMENT, ROLLBACK]) {
      const answer = await admin.call(path, { headers: BASIC });
      expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
    }
    expect(admin.store.slots.standby).toBeNull();
  });
});

describe("rolling back", () => {
  it.each([
    ["an empty object", {}],
    ["no body", undefined],
  ])("answers 202 to %s with the job and until when it lasts", async (_what, body) => {
    await using admin = await open(IN_GRACE);
    const answer = await admin.call(ROLLBACK, post(body));
    expect(answer.status).toBe(202);
    const [work] = admin.workQueue.puts;
    expect(work).toMatchObject({ job: "rotate", keyId: KEY_ID, intent: { kind: "resume" } });
    expect(answer.json()).toEqual({
      jobId: work?.intent.id,
      status: `/queues/queue/rotations/${work?.intent.id}`,
      endsAt: "2026-11-21T12:55:00.000Z",
      explanation: expect.stringContaining("2026-11-21T12:55:00.000Z"),
    });
    expect(admin.store.slots).toMatchObject({ rolledBack: true });
    expect(admin.alerts.raised).toMatchObject([{ kind: "rolled-back" }]);
    expect(answer.text + admin.logged.text()).not.toContain(CANARY);
  });

  it("answers 409 with the reason when it cannot be done", async () => {
    await using admin = await open();
    const answer = await admin.call(ROLLBACK, post({}));
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining("no old secret") });
  });

  it("answers 400 to a body that wants something else", async () => {
    await using admin = await open(IN_GRACE);
    for (const body of [{ until: "tomorrow" }, []]) {
      const answer = await admin.call(ROLLBACK, post(body));
      expect(answer.status).toBe(400);
    }
    expect(admin.store.slots).toEqual(IN_GRACE);
  });

  it("answers 503 when Paddle is down", async () => {
    await using admin = await open(IN_GRACE);
    admin.paddle.otherwise = PADDLE_IS_DOWN;
    const answer = await admin.call(ROLLBACK, post({}));
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining("Nothing was changed") });
  });
});
