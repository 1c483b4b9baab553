/** What a year of jobs leaves in real queues on a real Redis, with the options that the service gives them. */
import { setTimeout as wait } from "node:timers/promises";
import type { Job } from "bullmq";
import { Redis } from "ioredis";
import { pino } from "pino";
import { Secret } from "../../src/core/secret.ts";
import type { AlertJob } from "../../src/queue/alert-jobs.ts";
import { toJobData } from "../../src/queue/job-data.ts";
import { QUEUE_NAMES, type QueueName } from "../../src/queue/names.ts";
import { openRedisBackend } from "../../src/queue/redis.ts";
import { startRedisServer } from "../support/redis-server.ts";

const log = pino({ level: "silent" });
const AT_ONCE = 500;
const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";

export type QueueSize = {
  readonly enqueued: number;
  readonly kept: number;
  readonly bytes: number;
};

/** After each step of jobs, of each queue so many. */
export async function measureQueues(
  perQueue: number,
  steps: number,
  onStep: (size: QueueSize) => void,
): Promise<void> {
  await using server = await startRedisServer();
  const redis = new Redis(server.url);
  await using backend = openRedisBackend(
    { url: new Secret(server.url), prefix: "soak", allowEviction: false },
    { log, errors: () => {} },
  );
  const settings = {
    lockDuration: 30_000,
    stalledInterval: 30_000,
    maxStalledCount: 1,
    runRetryDelay: 1_000,
  };
  const workers = await Promise.all(
    QUEUE_NAMES.map((name) =>
      backend.startWorker(name, (job, _token, _signal) => live(job), {
        ...settings,
        concurrency: 50,
        settings: { backoffStrategy: () => 1_000 },
      }),
    ),
  );
  let enqueued = 0;
  const share = Math.ceil(perQueue / steps);
  for (let step = 0; step < steps; step += 1) {
    for (let at = 0; at < share; at += AT_ONCE) {
      const jobs = Array.from({ length: Math.min(AT_ONCE, share - at) }, (_, index) => enqueued + at + index);
      await Promise.all(
        QUEUE_NAMES.map((name) => backend.queues[name].addBulk(jobs.map((id) => jobOf(name, id)))),
      );
    }
    enqueued += share;
    for (;;) {
      const counts = await Promise.all(
        QUEUE_NAMES.map((name) => backend.queues[name].getJobCountByTypes("waiting", "active", "delayed")),
      );
      if (counts.every((count) => count === 0)) break;
      await wait(20);
    }
    const kept = await Promise.all(
      QUEUE_NAMES.map((name) => backend.queues[name].getJobCountByTypes("completed")),
    );
    const bytes = Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
    onStep({
      enqueued: enqueued * QUEUE_NAMES.length,
      kept: kept.reduce((sum, count) => sum + count, 0),
      bytes,
    });
  }
  await Promise.all(workers.map((worker) => worker.close(true)));
  redis.disconnect();
}

/** As much as a graceful rotation notes. */
async function live(job: Job): Promise<void> {
  if (job.name === "alert") return;
  const facts = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `fact${index}`,
      {
        at: new Date(0).toISOString(),
        says: `Step ${index} of the rotation of billing-worker was done and proved at Paddle.`,
        fingerprint: "sha256:0123456789abcdef",
      },
    ]),
  );
  await job.updateData({ ...job.data, facts });
  for (let line = 0; line < 10; line += 1)
    await job.log(`${new Date(0).toISOString()} Step ${line} was done.`);
}

function jobOf(queue: QueueName, index: number) {
  const id = `evt_${String(index).padStart(26, "0")}`;
  const opts = { jobId: `${id}-x` };
  const alert: AlertJob = {
    v: 1,
    channel: "ops",
    alert: {
      id,
      kind: "job-failing",
      severity: "warning",
      keyName: "billing-worker",
      keyId: KEY_ID,
      happened: "The job rotate for billing-worker keeps failing: Paddle gave no answer.",
      action: "Nothing yet: it is tried again by itself, later and later, up to every ten minutes.",
      raisedAt: 0,
    },
  };
  if (queue === "alerts") return { name: "alert", data: alert, opts };
  const intent = { id, kind: "expiring", requestedAt: 0 } as const;
  const work = { job: "rotate", keyName: "billing-worker", keyId: KEY_ID, intent, eventId: id } as const;
  return { name: "rotate", data: toJobData(work), opts };
}
