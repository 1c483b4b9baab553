/** What Paddle said about keys is remembered in passing: it costs no call anything. */
import { describe, expect, it } from "vitest";
import type { ApiKey } from "../../../src/core/paddle-key.ts";
import type { KeyAnswer, Records } from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { lastSeen, rememberingKeys } from "../../../src/rotation/seen-keys.ts";
import { KEY_ID, NOW, OTHER_KEY_ID, secretOf } from "../../support/admin/keys.ts";
import { apiKey, DeskRecords, PADDLE_IS_DOWN } from "../../support/admin/neighbours.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const HOUR_MS = 3_600_000;
const SECRET = secretOf("Active");

function openMemory(records: Records & { isDown?: boolean } = new DeskRecords()) {
  const clock = new FakeClock(NOW);
  const logged = captureLog();
  const says: { now: KeyAnswer | Error } = { now: { accepted: true, key: apiKey() } };
  const client = {
    async ask(_keyId: string, _secret: Secret): Promise<KeyAnswer> {
      if (says.now instanceof Error) throw says.now;
      return says.now;
    },
    probe: async () => true,
  };
  const paddle = rememberingKeys(client, { records, clock, log: logged.log });
  const ask = (key?: Partial<ApiKey>, keyId = KEY_ID) => {
    if (key) says.now = { accepted: true, key: apiKey(keyId, key) };
    return paddle.ask(keyId, SECRET);
  };
  /** Lets what goes on in the background come to its end. */
  const settle = () => clock.advance(0);
  const entries = async (keyId = KEY_ID) =>
    (await records.list(`seen-key-${keyId}`, { limit: 10 })).map(({ value }) => value);
  return { paddle, ask, says, settle, entries, records, clock, logged };
}

describe("an answer of Paddle about a key", () => {
  it("is remembered with its time, and without its secret", async () => {
    const { ask, settle, records } = openMemory();
    await ask();
    await settle();
    expect(await lastSeen(records, KEY_ID)).toEqual({
      at: NOW,
      status: "active",
      rotatable: true,
      expiresAt: NOW + 90 * 86_400_000,
      exposedAt: null,
    });
    expect(JSON.stringify(await records.list(`seen-key-${KEY_ID}`, { limit: 10 }))).not.toContain("CaNaRy");
  });

  it("is remembered of each key for itself", async () => {
    const { ask, settle, records } = openMemory();
    await ask({ status: "active" });
    await ask({ status: "revoked" }, OTHER_KEY_ID);
    await settle();
    expect((await lastSeen(records, KEY_ID))?.status).toBe("active");
    expect((await lastSeen(records, OTHER_KEY_ID))?.status).toBe("revoked");
  });

  it("takes the place of the one before", async () => {
    const { ask, settle, entries } = openMemory();
    for (const status of ["active", "expired", "revoked"] as const) await ask({ status });
    await settle();
    expect(await entries()).toMatchObject([{ status: "revoked" }]);
  });

  it.each<[string, Partial<ApiKey>]>([
    ["status", { status: "revoked" }],
    ["rotatability", { rotatable: false }],
    ["expiry", { expiresAt: null }],
    ["exposure", { exposedAt: NOW }],
  ])("is written at once when it brings another %s", async (_what, change) => {
    const { ask, settle, entries, clock } = openMemory();
    await ask();
    await clock.advance(1_000);
    await ask(change);
    await settle();
    expect(await entries()).toMatchObject([{ at: NOW + 1_000, ...change }]);
  });

  it("is written again after an hour where it brings nothing new, and not sooner", async () => {
    const { ask, settle, records, clock } = openMemory();
    await ask();
    await clock.advance(HOUR_MS - 1);
    await ask();
    await settle();
    expect((await lastSeen(records, KEY_ID))?.at).toBe(NOW);
    await clock.advance(1);
    await ask();
    await settle();
    expect((await lastSeen(records, KEY_ID))?.at).toBe(NOW + HOUR_MS);
  });

  it("leaves the last one in place where Paddle refuses the secret or fails", async () => {
    const { ask, says, settle, records } = openMemory();
    await ask();
    await settle();
    says.now = { accepted: false };
    expect(await ask()).toEqual({ accepted: false });
    says.now = PADDLE_IS_DOWN;
    await expect(ask()).rejects.toBe(PADDLE_IS_DOWN);
    await settle();
    expect((await lastSeen(records, KEY_ID))?.at).toBe(NOW);
  });
});

describe("the memory", () => {
  it("makes no call wait, even while the records hang", async () => {
    const records = new DeskRecords();
    records.append = () => new Promise(() => {});
    const { ask } = openMemory(records);
    expect(await ask()).toEqual({ accepted: true, key: apiKey() });
    expect(await ask({ status: "expired" })).toMatchObject({ accepted: true });
  });

  it("fails no call while the records are down, says so in the log, and makes up for it", async () => {
    const records = new DeskRecords();
    const { ask, settle, logged } = openMemory(records);
    records.isDown = true;
    expect(await ask()).toEqual({ accepted: true, key: apiKey() });
    await settle();
    expect(logged.lines).toMatchObject([
      { msg: "what Paddle said was not remembered", keyId: KEY_ID, reason: "the records are down" },
    ]);
    records.isDown = false;
    await ask();
    await settle();
    expect((await lastSeen(records, KEY_ID))?.at).toBe(NOW);
  });

  it("ends with the last answer although the records took the one before late", async () => {
    const records = new DeskRecords();
    const append = records.append.bind(records);
    const gate = Promise.withResolvers<void>();
    let appended = 0;
    records.append = async (...args) => {
      appended += 1;
      if (appended === 1) await gate.promise;
      return append(...args);
    };
    const { ask, settle, entries } = openMemory(records);
    await ask({ status: "active" });
    await ask({ status: "revoked" });
    await settle();
    gate.resolve();
    await settle();
    expect(await entries()).toMatchObject([{ status: "revoked" }]);
  });

  it("leaves everything else of the client as it is", async () => {
    expect(await openMemory().paddle.probe()).toBe(true);
  });

  it("knows nothing of a key that Paddle was never asked about, or that another release wrote of", async () => {
    const { records } = openMemory();
    expect(await lastSeen(records, KEY_ID)).toBeNull();
    await records.append(`seen-key-${KEY_ID}`, { at: "now" });
    expect(await lastSeen(records, KEY_ID)).toBeNull();
  });
});
