/** `/api/keys`, as programs use it. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import {
  ACTIVE,
  CANARY,
  KEY_ID,
  keyWith,
  LEGACY,
  OLD,
  PENDING,
  STANDBY,
  STEADY,
  UNREADABLE,
} from "../../support/admin/keys.ts";
import { BASIC, CREDENTIALS, openAdmin } from "../../support/admin/world.ts";

const FULL = { active: ACTIVE, old: OLD, pending: PENDING, standby: STANDBY, rolledBack: false };
const ROTATIONS = "/api/keys/billing/rotations";
const post = (body: unknown) => ({ method: "POST", body });

describe("reading keys", () => {
  it("lists every key with its state", async () => {
    await using admin = await openAdmin({ keys: [keyWith(FULL), keyWith(UNREADABLE, "broken")] });
    const answer = await admin.call("/api/keys");
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.json()).toMatchObject({
      keys: [
        { name: "billing", state: "pending", active: { fingerprint: ACTIVE.secret.fingerprint() } },
        { name: "broken", state: "store-unreachable", explanation: UNREADABLE.message },
      ],
    });
  });

  it("shows one key with what Paddle says of it", async () => {
    await using admin = await openAdmin({ keys: [keyWith(STEADY)] });
    expect((await admin.call("/api/keys/billing")).json()).toMatchObject({
      name: "billing",
      keyId: KEY_ID,
      state: "steady",
      paddle: { answer: "accepted", status: "active", rotatable: true },
    });
  });

  it("names the known keys to who asks for an unknown one", async () => {
    await using admin = await openAdmin({ keys: [keyWith(STEADY, "billing"), keyWith(STEADY, "reports")] });
    for (const [path, options] of [
      ["/api/keys/biling", {}],
      ["/api/keys/biling/rotations", post({ mode: "graceful" })],
    ] as const) {
      const answer = await admin.call(path, options);
      expect(answer.status).toBe(404);
      expect(answer.json()).toMatchObject({ detail: "No key has this name. There are: billing, reports." });
    }
  });

  it("names twenty known keys and the number of the others", async () => {
    const keys = Array.from({ length: 21 }, (_, index) => keyWith(STEADY, `key-${index}`));
    await using admin = await openAdmin({ keys });
    const answer = await admin.call("/api/keys/x");
    expect(answer.json()).toMatchObject({ detail: expect.stringMatching(/key-19 and 1 more\.$/) });
  });

  it("never shows a secret", async () => {
    const keys = [
      keyWith(FULL, "full"),
      keyWith({ ...FULL, rolledBack: true }, "back"),
      keyWith({ ...EMPTY_SLOTS, active: LEGACY }, "legacy"),
      keyWith(new Error(`EIO near ${CANARY}`), "broken"),
    ];
    await using admin = await openAdmin({ keys });
    const paths = ["/api/keys", ...keys.map(({ name }) => `/api/keys/${name}`)];
    const answers = await Promise.all(paths.map((path) => admin.call(path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
    expect(answers.map(({ text }) => text).join()).not.toContain(CANARY);
  });
});

describe("asking for a rotation", () => {
  it("answers 202 with the job and the page that shows it", async () => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    const answer = await admin.call(ROTATIONS, {
      ...post({ mode: "graceful", graceSeconds: 3600 }),
      headers: BASIC,
    });
    expect(answer.status).toBe(202);
    const [work] = admin.workQueue.puts;
    expect(work).toMatchObject({
      job: "rotate",
      keyId: KEY_ID,
      graceSeconds: 3600,
      intent: { kind: "manual" },
    });
    const jobId = work?.intent.id;
    expect(answer.json()).toEqual({ jobId, status: `/queues/queue/rotations/${jobId}` });
    expect(admin.logged.lines).toMatchObject([{ msg: "rotation asked for", askedBy: "ops", jobId }]);
  });

  it.each([
    ["0", 0, 202],
    ["86400", 86_400, 202],
    ["nothing", undefined, 202],
    ["less than 0", -1, 400],
    ["more than a day", 86_401, 400],
    ["half a second", 0.5, 400],
    ["a text", "60", 400],
    ["null", null, 400],
  ])("takes or refuses a grace of %s seconds", async (_what, graceSeconds, status) => {
    await using admin = await openAdmin();
    const answer = await admin.call(ROTATIONS, post({ mode: "graceful", graceSeconds }));
    expect(answer.status).toBe(status);
    if (status === 400)
      expect(answer.json()).toMatchObject({ detail: expect.stringContaining("graceSeconds: ") });
    expect(admin.workQueue.puts).toHaveLength(status === 202 ? 1 : 0);
  });

  it.each([
    ["no mode", {}, "mode"],
    ["an unknown mode", { mode: "now" }, '"graceful"|"revoke-first"'],
    ["an unknown field", { mode: "graceful", grace_seconds: 1 }, '"grace_seconds"'],
    ["two faults", { mode: "now", graceSeconds: -1 }, "; graceSeconds: "],
    ["a list", [], "expected object"],
    ["a text", '"graceful"', "expected object"],
    ["nothing", "null", "expected object"],
  ])("answers 400 to a body with %s and says what is wrong", async (_what, body, detail) => {
    await using admin = await openAdmin();
    const headers = { "content-type": "application/json" };
    const answer = await admin.call(ROTATIONS, { ...post(body), headers });
    expect(answer.status).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json()).toMatchObject({ title: "Bad Request", detail: expect.stringContaining(detail) });
    expect(admin.workQueue.puts).toEqual([]);
  });

  it.each([
    ["no body", undefined, 400],
    ["half a body", '{"mode":', 400],
    ["an empty body", "", 400],
    ["a body that reaches for the prototype", '{"mode":"graceful","__proto__":{"a":1}}', 400],
    ["a body of 16 KiB and one byte", `{"mode":"graceful"}${" ".repeat(16 * 1024 - 18)}`, 413],
  ])("answers %s with a problem", async (_what, body, status) => {
    await using admin = await openAdmin();
    const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await admin.call(ROTATIONS, { ...post(body), headers });
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ status, detail: expect.any(String) });
    expect(admin.workQueue.puts).toEqual([]);
  });

  it("takes a body of 16 KiB", async () => {
    await using admin = await openAdmin();
    const body = `{"mode":"graceful"}${" ".repeat(16 * 1024 - 19)}`;
    expect(
      (await admin.call(ROTATIONS, { ...post(body), headers: { "content-type": "application/json" } }))
        .status,
    ).toBe(202);
  });

  it("takes revoke-first into the queue for emergencies", async () => {
    await using admin = await openAdmin();
    const answer = await admin.call(ROTATIONS, post({ mode: "revoke-first" }));
    expect(answer.status).toBe(202);
    const [work] = admin.workQueue.puts;
    expect(work).toMatchObject({ job: "revoke-first", keyId: KEY_ID, intent: { kind: "manual" } });
    expect(answer.json()).toEqual({
      jobId: work?.intent.id,
      status: `/queues/queue/emergencies/${work?.intent.id}`,
    });
  });

  it.each([0, 60])("answers 400 to revoke-first with a grace of %s s: it has none", async (graceSeconds) => {
    await using admin = await openAdmin();
    const answer = await admin.call(ROTATIONS, post({ mode: "revoke-first", graceSeconds }));
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ detail: "graceSeconds: revoke-first has no grace; leave it out" });
    expect(admin.workQueue.puts).toEqual([]);
  });

  it("repeats no field name that may be a key", async () => {
    await using admin = await openAdmin();
    const body = { mode: "graceful", [ACTIVE.secret.reveal()]: 1, [LEGACY.secret.reveal()]: 2, typo: 3 };
    const answer = await admin.call(ROTATIONS, post(body));
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ detail: 'unknown fields: "typo", 2 with other names' });
  });

  it.each([
    ["no active secret", { ...FULL, active: null }],
    ["a legacy key", { ...EMPTY_SLOTS, active: LEGACY }],
  ])("answers 409 for a store with %s and says what to do", async (_what, slots) => {
    await using admin = await openAdmin({ keys: [keyWith(slots)] });
    const answer = await admin.call(ROTATIONS, post({ mode: "graceful" }));
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining("rotator -- replace billing") });
    expect(admin.workQueue.puts).toEqual([]);
  });

  it("answers 503 with Retry-After when the store cannot be read", async () => {
    await using admin = await openAdmin({ keys: [keyWith(UNREADABLE)] });
    const answer = await admin.call(ROTATIONS, post({ mode: "graceful" }));
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(answer.json()).toMatchObject({ detail: UNREADABLE.message });
  });

  it("answers 503 with the job to look for when the queue does not confirm it", async () => {
    await using admin = await openAdmin();
    admin.workQueue.state = "down";
    const answer = await admin.call(ROTATIONS, post({ mode: "graceful" }));
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
    const jobId = admin.workQueue.puts[0]?.intent.id;
    expect(answer.json()).toMatchObject({
      detail: expect.stringContaining(`/queues/queue/rotations/${jobId}`),
    });
  });
});
