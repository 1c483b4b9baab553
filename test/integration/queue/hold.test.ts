/** What a running job may rely on, on each server: its notes are kept, and its hold is what the server says. */
import type { Job } from "bullmq";
import { Redis } from "ioredis";
import { Client, escapeIdentifier } from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { LeaseLostError, PaddleError } from "../../../src/core/errors.ts";
import type { Processor } from "../../../src/core/ports.ts";
import type { Outcome } from "../../../src/core/work.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";
import { openSetting, type Setting, someWork } from "./setting.ts";

const DONE: Outcome = { kind: "done", result: "rotated", summary: "It is rotated." };
const ISSUED = { says: "Issued.", percent: 40 };
const STAGED = { says: "Staged.", percent: 50 };

/** What happens to a lock that was not renewed in time: nobody's, or another worker's. */
type LoseLock = (url: string, prefix: string, jobId: string) => Promise<void>;

const loseOnRedis: LoseLock = async (url, prefix, jobId) => {
  const redis = new Redis(url);
  await redis.del(`${prefix}:rotations:${jobId}:lock`);
  redis.disconnect();
};

const loseOnPostgres: LoseLock = async (url, prefix, jobId) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const jobs = `${escapeIdentifier(prefix)}.job`;
  await client.query(`UPDATE ${jobs} SET lock_token = 'another worker' WHERE id = $1`, [jobId]);
  await client.end();
};

const servers: [string, () => string, LoseLock][] = [
  ["Redis", () => inject("redisUrl"), loseOnRedis],
  ["PostgreSQL", () => inject("postgresUrl"), loseOnPostgres],
];

describe.each(servers)("a running job on %s", (_server, url, loseLock) => {
  let prefix: string;
  let setting: Setting;
  beforeEach(async () => {
    prefix = uniquePrefix();
    setting = await openSetting(url(), prefix);
  });
  afterEach(() => setting[Symbol.asyncDispose]());

  const rotations = () => setting.backend.queues.rotations;
  const untilState = (id: string, state: string) =>
    until(`${id} is ${state}`, async () => (await rotations().getJobState(id)) === state);

  it("goes on while its notes are written, and confirms its hold only once they are kept", async () => {
    const work = someWork();
    const watch = watchedJob(["extendLock"]);
    await setting.work(async (_work, { journal, lease }) => {
      await journal.note("issued", ISSUED);
      await journal.note("staged", STAGED);
      watch.seen.push(...Object.keys(journal.facts));
      await lease.confirm();
      return DONE;
    }, watch.start);
    await setting.put(work);
    await watch.noting;
    await rotations().getJobState(work.intent.id);
    watch.seen.push("notes are kept");
    watch.goOn();
    await untilState(work.intent.id, "completed");
    expect(watch.seen).toEqual(["issued", "staged", "notes are kept", "extendLock"]);
    const { logs } = await rotations().getJobLogs(work.intent.id);
    expect(logs.map((line) => line.split(" ").at(-1))).toEqual(["Issued.", "Staged."]);
  });

  const cut = new PaddleError("closed", { code: "closed", status: null, effect: "none", retry: "later" });
  const endings: [string, string, Processor][] = [
    ["is done", "completed", async () => DONE],
    ["waits", "delayed", async () => ({ kind: "wait", at: Date.now() + 60_000, why: "grace" })],
    ["needs a person", "failed", async () => ({ kind: "needs-person", summary: "Replace the key." })],
    ["fails", "delayed", () => Promise.reject(cut)],
  ];
  it.each(endings)("that %s has ended only once all that it noted is kept", async (_how, state, end) => {
    const work = someWork();
    const watch = watchedJob(["moveToCompleted", "moveToDelayed", "moveToFailed"]);
    await setting.work(async (given, hold) => {
      await hold.journal.note("staged", STAGED);
      return end(given, hold);
    }, watch.start);
    await setting.put(work);
    await watch.noting;
    await rotations().getJobState(work.intent.id);
    expect(watch.seen).toEqual([]);
    watch.goOn();
    await untilState(work.intent.id, state);
    const job = await rotations().getJob(work.intent.id);
    expect(job?.data.facts).toEqual({ staged: { at: expect.stringMatching(/Z$/), says: "Staged." } });
    expect(job?.progress).toBe(50);
    expect(watch.seen).not.toEqual([]);
  });

  it("is stopped by no note that cannot be written", async () => {
    const work = someWork();
    const confirmed: string[] = [];
    await setting.work(
      async (_work, { journal, lease }) => {
        await journal.note("issued", ISSUED);
        await lease.confirm();
        confirmed.push(...Object.keys(journal.facts));
        return DONE;
      },
      (job) => {
        job.updateData = () => Promise.reject(new Error("Missing key"));
      },
    );
    await setting.put(work);
    await untilState(work.intent.id, "completed");
    expect(confirmed).toEqual(["issued"]);
  });

  it("is stopped as soon as its worker has lost it, however freshly it was confirmed", async () => {
    const work = someWork();
    const answers: string[] = [];
    await setting.work(async (_work, { lease }) => {
      await lease.confirm();
      answers.push("held");
      await loseLock(url(), prefix, work.intent.id);
      await lease.confirm().catch((error: unknown) => {
        answers.push(error instanceof LeaseLostError ? "lost" : "?");
        throw error;
      });
      return DONE;
    });
    await setting.put(work);
    await until("it was told", () => answers.length >= 2);
    expect(answers.slice(0, 2)).toEqual(["held", "lost"]);
  });
});

type Call = "extendLock" | "moveToCompleted" | "moveToDelayed" | "moveToFailed";

/** A job whose notes take as long as the test wants. `seen`: which of these calls it has made meanwhile. */
function watchedJob(calls: readonly Call[]) {
  const noting = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  return {
    seen,
    noting: noting.promise,
    goOn: () => gate.resolve(),
    start: (job: Job) => {
      const updateData = job.updateData.bind(job);
      job.updateData = async (data) => {
        noting.resolve();
        await gate.promise;
        return updateData(data);
      };
      for (const call of calls) {
        const original: unknown = Reflect.get(job, call);
        if (typeof original !== "function") throw new Error(`BullMQ's jobs have no ${call} any more`);
        Reflect.set(job, call, (...given: unknown[]) => {
          seen.push(call);
          return Reflect.apply(original, job, given);
        });
      }
    },
  };
}
