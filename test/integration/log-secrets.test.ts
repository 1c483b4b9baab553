/** A client throws an error that quotes a legacy key, which no pattern finds: no line and no job has it, on each server. */
import { pino } from "pino";
import { describe, expect, inject, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { StoreError } from "../../src/core/errors.ts";
import type { Processor } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { asJson, loggerOptions } from "../../src/logger.ts";
import { startRuns, startWorkers, workerSettings } from "../../src/queue/worker.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { until } from "../support/until.ts";
import { openSetting, someWork } from "./queue/setting.ts";

const LEGACY = "7hisIsALegacyKeyWithoutAnyPattern0123456789abcdef01";
const held = new Secret(LEGACY);

const named = (name: string) => Object.assign(new Error("failed"), { name });
const faults: [string, () => unknown][] = [
  ["message", () => new Error(`cannot send Bearer ${LEGACY}`)],
  [
    "stack",
    () => Object.assign(new Error("failed"), { stack: `Error: failed\n    at ${LEGACY} (x.js:1:1)` }),
  ],
  ["name", () => named(LEGACY)],
  ["code", () => Object.assign(new Error("failed"), { code: LEGACY.slice(0, 40) + LEGACY.slice(40) })],
  ["cause", () => new Error("failed", { cause: new Error(LEGACY) })],
  ["nested property", () => Object.assign(new Error("failed"), { config: { headers: { key: LEGACY } } })],
  ["text that was thrown", () => LEGACY],
  [
    "message of our own, in base64",
    () => {
      const quoted = Buffer.from(`api:${LEGACY}`).toString("base64");
      return new StoreError(`the store said ${quoted}`, { effect: "none", retry: "later" });
    },
  ],
];

describe.each([
  ["Redis", () => inject("redisUrl")],
  ["PostgreSQL", () => inject("postgresUrl")],
])("a secret in an error of a job on %s", (_server, url) => {
  it.each(faults)("is in no line and no job: in its %s", async (_where, fault) => {
    await using setting = await openSetting(url());
    const lines: string[] = [];
    const log = pino(loggerOptions("trace", asJson), { write: (line: string) => void lines.push(line) });
    const processor: Processor = async (_work, { journal }) => {
      await journal.note("asked", { says: `Paddle was asked with ${LEGACY}.`, percent: 1 });
      log.debug({ sent: { with: LEGACY } }, "deep inside");
      throw fault();
    };
    await using opened = new AsyncDisposableStack();
    const workers = await startWorkers({
      backend: setting.backend,
      processors: { rotate: processor, "revoke-first": processor, replace: processor, inspect: processor },
      alerts: { raise: (alert) => setting.raise(alert) },
      records: memoryRecords(),
      clock: systemClock,
      log,
      random: () => 0,
    });
    opened.use(workers);
    const work = { ...someWork(), eventId: "evt_1" };
    await setting.put(work);
    const { rotations, alerts } = setting.backend.queues;
    const failed = async () => {
      const job = await rotations.getJob(work.intent.id);
      return job?.failedReason === undefined ? null : job;
    };
    const job = await until("the job has failed once", failed);
    const { logs } = await rotations.getJobLogs(work.intent.id);
    const kept = JSON.stringify([job, logs, await alerts.getJobs(), setting.sent]);
    for (const text of [kept, lines.join("")]) {
      expect(text).not.toContain(LEGACY);
      expect(text).not.toContain(LEGACY.slice(8, 40));
      expect(text).not.toContain(Buffer.from(LEGACY).toString("base64").slice(4, 40));
    }
    const about = { jobId: work.intent.id, keyName: work.keyName, keyId: work.keyId, eventId: "evt_1" };
    const told = lines.map((line): unknown => JSON.parse(line));
    expect(told).toEqual([
      expect.objectContaining({ ...about, msg: "step", fact: "asked" }),
      expect.objectContaining({ ...about, msg: "deep inside" }),
      expect.objectContaining({ ...about, level: "error", msg: "the job failed and will be tried again" }),
    ]);
    expect(held.fingerprint()).toMatch(/^sha256:/);
  });

  it("is not kept by the queue, whatever throws it raw", async () => {
    await using setting = await openSetting(url());
    await using opened = new AsyncDisposableStack();
    const runs = await startRuns(
      setting.backend,
      "upkeep",
      workerSettings(1, () => 0),
      () => Promise.reject(new Error(`cannot send ${LEGACY}`)),
    );
    opened.use(runs);
    const { upkeep } = setting.backend.queues;
    const { id = "" } = await upkeep.add("inspect", {}, { attempts: 1 });
    const failed = async () => ((await upkeep.getJobState(id)) === "failed" ? upkeep.getJob(id) : null);
    const job = await until("the job has failed", failed);
    expect(job.failedReason).toMatch(/^Error in log-secrets\.test\.ts:\d+/);
    expect(JSON.stringify(job)).not.toContain(LEGACY.slice(8, 40));
    expect(held.fingerprint()).toMatch(/^sha256:/);
  });
});
