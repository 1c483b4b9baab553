/** The queue on a Redis Cluster: all that it promises elsewhere, and what a dead or hung master does to it. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAtRedis } from "../../../src/cli/check/queue-redis.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Outcome } from "../../../src/core/work.ts";
import { type RedisCluster, startRedisCluster } from "../../support/redis-cluster.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";
import { queueContract } from "./queue.contract.ts";
import { openSetting, someWork, untilTaken } from "./setting.ts";

/** 3 s, and what a busy machine adds. */
const IN_TIME_MS = 4_500;
const DONE: Outcome = { kind: "done", result: "rotated", summary: "It is rotated." };

const QUEUE = { kind: "redis", prefix: "paddle_rotator", allowEviction: false } as const;

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster({ nodeTimeoutMs: 1_000 });
});
afterAll(() => cluster[Symbol.asyncDispose]());

queueContract("a Redis Cluster", () => cluster.url);

describe("the queue on a Redis Cluster", () => {
  it("keeps all of its data on one master, under a hash tag", async () => {
    const prefix = uniquePrefix();
    await using setting = await openSetting(cluster.url, prefix);
    await setting.put(someWork());
    await setting.put(someWork("replace"));
    const owner = await cluster.ownerOf(`{${prefix}}`);
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    const redis = new Redis(owner.url);
    expect(await redis.exists(`{${prefix}}:rotations:meta`, `{${prefix}}:emergencies:meta`)).toBe(2);
  });

  it("is found by check", async () => {
    const found = await lookAtRedis({ ...QUEUE, url: new Secret(cluster.url) });
    expect(found[0]).toMatchObject({ level: "ok", says: expect.stringMatching(/^Redis \d.* answers$/) });
  });

  it("is not well where any master may evict jobs, says which one, and check finds it", async () => {
    await using setting = await openSetting(cluster.url);
    await until("it is well", async () => (await setting.backend.health()).ok);
    const owner = await cluster.ownerOf("anything");
    const redis = new Redis(owner.url);
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    const { ok, detail } = await setting.backend.health();
    const found = await lookAtRedis({ ...QUEUE, url: new Secret(cluster.url) });
    await redis.config("SET", "maxmemory-policy", "noeviction");
    expect(found[0]).toMatchObject({ level: "failed", says: expect.stringContaining("is allkeys-lru") });
    expect(ok).toBe(false);
    expect(detail).toContain(`127.0.0.1:${owner.port} may evict jobs`);
  });

  // The last test of this file: what it leaves is a Cluster without one of its nodes.
  it("refuses work in time when its master dies, goes on with the replica, and runs what was taken before", async () => {
    const prefix = uniquePrefix();
    await using setting = await openSetting(cluster.url, prefix);
    const ran = new Set<string>();
    await setting.work(async ({ intent }) => {
      ran.add(intent.id);
      return DONE;
    });
    const before = someWork();
    await setting.put(before);
    await (await cluster.ownerOf(`{${prefix}}`)).kill();
    const startedAt = performance.now();
    await setting.put(someWork()).catch(() => {});
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    const after = someWork();
    await untilTaken(setting, after);
    await until("both are run", () => ran.has(before.intent.id) && ran.has(after.intent.id));
    expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
  });
});
