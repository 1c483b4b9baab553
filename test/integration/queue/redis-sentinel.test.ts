/** The queue behind Sentinels: all that it promises elsewhere, and what a dead or hung master does to it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAtRedis } from "../../../src/cli/check/queue-redis.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Outcome } from "../../../src/core/work.ts";
import { type RedisSentinel, startRedisSentinel } from "../../support/redis-sentinel.ts";
import { until } from "../../support/until.ts";
import { queueContract } from "./queue.contract.ts";
import { openSetting, someWork, untilTaken } from "./setting.ts";

/** 3 s, and what a busy machine adds. */
const IN_TIME_MS = 4_500;
const DONE: Outcome = { kind: "done", result: "rotated", summary: "It is rotated." };

let sentinel: RedisSentinel;
beforeAll(async () => {
  sentinel = await startRedisSentinel({ password: "of the servers", sentinelPassword: "of the Sentinels" });
});
afterAll(() => sentinel[Symbol.asyncDispose]());

queueContract("a Redis behind Sentinels, with passwords", () => sentinel.url);

it("check finds the master that the Sentinels name, with the passwords of both", async () => {
  const found = await lookAtRedis({
    kind: "redis",
    url: new Secret(sentinel.url),
    prefix: "paddle_rotator",
    allowEviction: false,
  });
  expect(found[0]).toMatchObject({ level: "ok", says: expect.stringMatching(/^Redis \d.* answers$/) });
});

describe("the queue behind Sentinels whose master", () => {
  it("dies refuses work in time, goes on with the replica, and runs what was taken before", async () => {
    await using own = await startRedisSentinel({ downAfterMs: 1_000 });
    await using setting = await openSetting(own.url);
    const ran = new Set<string>();
    await setting.work(async ({ intent }) => {
      ran.add(intent.id);
      return DONE;
    });
    const before = someWork();
    await setting.put(before);
    await (await own.master()).kill();
    const startedAt = performance.now();
    await setting.put(someWork()).catch(() => {});
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    const after = someWork();
    await untilTaken(setting, after);
    await until("both are run", () => ran.has(before.intent.id) && ran.has(after.intent.id));
    expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
  });

  // Its connections stay open: it must be left although it says nothing.
  it("hangs is left for the replica", async () => {
    await using own = await startRedisSentinel({ downAfterMs: 1_000 });
    await using setting = await openSetting(own.url);
    await setting.put(someWork());
    (await own.master()).suspend();
    await untilTaken(setting, someWork());
    expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
  });
});
