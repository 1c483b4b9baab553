/** Sweeps on a schedule, on a real queue. */
import { pino } from "pino";
import { describe, expect, inject, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import type { Work } from "../../../src/core/work.ts";
import { startUpkeep, type UpkeepDeps } from "../../../src/queue/upkeep.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { openSetting, type Setting, someWork } from "./setting.ts";

const HOUR_MS = 3_600_000;
const log = pino({ level: "silent" });

function depsOf(setting: Setting, given: Partial<UpkeepDeps>, looked: Work[] = []): UpkeepDeps {
  const look = async (work: Work) => {
    looked.push(work);
    return { kind: "done", result: "inspected", summary: "Looked." } as const;
  };
  return {
    backend: setting.backend,
    processors: { rotate: look, "revoke-first": look, replace: look, inspect: look },
    alerts: { raise: (alert) => setting.raise(alert) },
    records: memoryRecords(),
    clock: systemClock,
    log,
    random: () => 0,
    reconcile: async () => {},
    everyMs: HOUR_MS,
    ...given,
  };
}

describe.each([
  ["Redis", () => inject("redisUrl")],
  ["PostgreSQL", () => inject("postgresUrl")],
])("upkeep on %s", (_server, url) => {
  it("sweeps once at start, however many instances start together", async () => {
    await using setting = await openSetting(url());
    let sweeps = 0;
    const reconcile = async () => void (sweeps += 1);
    const ended = () => setting.backend.queues.upkeep.getJobCountByTypes("completed");
    await using first = await startUpkeep(depsOf(setting, { reconcile }));
    await using second = await startUpkeep(depsOf(setting, { reconcile }));
    await until("the schedule's run and the start's run have ended", async () => (await ended()) >= 2);
    expect(sweeps).toBe(1);
    expect(await setting.backend.queues.upkeep.getJobSchedulersCount()).toBe(1);
    expect([first, second]).toHaveLength(2);
  });

  it("looks into events while a sweep takes its time, and tells the sweep to end when the service stops", async () => {
    await using setting = await openSetting(url());
    const looked: Work[] = [];
    const begun = Promise.withResolvers<void>();
    const reconcile = (signal: AbortSignal) => {
      begun.resolve();
      return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    };
    const upkeep = await startUpkeep(depsOf(setting, { reconcile }, looked));
    await begun.promise;
    const inspected = { what: "rotation", rotationId: "apkrot_1" } as const;
    const work = { ...someWork("inspect"), inspected };
    await setting.put(work);
    await until("the event is looked into", () => looked.length === 1);
    expect(looked).toEqual([work]);
    await upkeep[Symbol.asyncDispose]();
    const states = await setting.backend.queues.upkeep.getJobCounts("active");
    expect(states).toEqual({ active: 0 });
  });

  it("keeps nothing of an error but what may be shown", async () => {
    await using setting = await openSetting(url());
    const reconcile = () => Promise.reject(new Error("s3cret"));
    await using upkeep = await startUpkeep(depsOf(setting, { reconcile }));
    const failed = await until(
      "a sweep has failed",
      async () => (await setting.backend.queues.upkeep.getFailed())[0],
    );
    expect(JSON.stringify(failed)).not.toContain("s3cret");
    expect(upkeep).toBeDefined();
  });
});

describe("upkeep on a Redis that is down at start", () => {
  it("sweeps once it is back", async () => {
    await using server = await startRedisServer({ args: ["--appendonly", "yes"] });
    await using setting = await openSetting(server.url, uniquePrefix());
    await server.kill();
    let sweeps = 0;
    const started = startUpkeep(depsOf(setting, { reconcile: async () => void (sweeps += 1) }));
    await server.restart();
    await using upkeep = await started;
    await until("a sweep was made", () => sweeps > 0, 30_000);
    expect(upkeep).toBeDefined();
  });
});
