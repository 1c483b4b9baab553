/** A queue whose server is down or hangs: producers hear of it in time and recover, and nothing hangs for ever. */
import { describe, expect, it } from "vitest";
import { startPostgresServer } from "../../support/postgres-server.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { openSetting, type Setting, someWork, untilTaken } from "./setting.ts";

/** 3 s, and what a busy machine adds. */
const IN_TIME_MS = 4_500;

async function refusedInTime(setting: Setting): Promise<void> {
  const startedAt = performance.now();
  await expect(setting.put(someWork())).rejects.toMatchObject({
    name: "QueueError",
    effect: "unknown",
    retry: "later",
  });
  expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
}

async function closesInTime(setting: Setting): Promise<void> {
  const startedAt = performance.now();
  await setting[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
}

const servers = [
  [
    "Redis",
    async () => startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] }),
    "url",
  ],
  ["PostgreSQL", async () => startPostgresServer(), "connectionString"],
] as const;

describe.each(servers)("the queue whose %s", (_name, start) => {
  const addressOf = (server: Awaited<ReturnType<typeof start>>) =>
    "url" in server ? server.url : server.connectionString;

  it("is killed says so within 3 s, recovers by itself, and can be closed meanwhile", async () => {
    await using server = await start();
    const setting = await openSetting(addressOf(server));
    await setting.put(someWork());
    await server.kill();
    await refusedInTime(setting);
    expect(await setting.backend.health()).toMatchObject({ ok: false });
    await server.restart();
    await untilTaken(setting);
    expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
    await server.kill();
    await closesInTime(setting);
  });

  it("hangs says so within 3 s, recovers by itself, and can be closed meanwhile", async () => {
    await using server = await start();
    const setting = await openSetting(addressOf(server));
    await setting.put(someWork());
    await server.suspend();
    await refusedInTime(setting);
    await server.resume();
    await untilTaken(setting);
    await server.suspend();
    await closesInTime(setting);
    await server.restart();
  });
});

describe("the queue on a Redis", () => {
  it("that is not there yet says so within 3 s, and takes work as soon as it is", async () => {
    await using server = await startRedisServer();
    await server.kill();
    await using setting = await openSetting(server.url);
    await refusedInTime(setting);
    await server.restart();
    await untilTaken(setting);
  });

  it.each(["allkeys-lru", "volatile-ttl"])(
    "that may evict jobs (%s) is not healthy, and says the cure",
    async (policy) => {
      await using server = await startRedisServer({ args: ["--maxmemory-policy", policy] });
      await using setting = await openSetting(server.url);
      const health = await setting.backend.health();
      expect(health.ok).toBe(false);
      expect(health.detail).toContain(policy);
      expect(health.detail).toContain("CONFIG SET maxmemory-policy noeviction");
      expect(health.detail).toContain("QUEUE_ALLOW_EVICTION=true");
    },
  );

  it("that forbids CONFIG is judged by what INFO says", async () => {
    const forbidden = ["--rename-command", "CONFIG", "", "--maxmemory-policy", "allkeys-lru"];
    await using server = await startRedisServer({ args: forbidden });
    await using setting = await openSetting(server.url);
    expect((await setting.backend.health()).detail).toContain("allkeys-lru");
  });
});
