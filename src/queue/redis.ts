/**
 * Queues on Redis or Valkey. Producers fail fast and recover by themselves; workers wait for as long as it takes.
 * The options are those that were measured: an `add` fails within 3 s whether the server is down, hung or not yet up.
 */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import type { Secret } from "../core/secret.ts";
import type { Health, QueueBackend } from "./backend.ts";
import { settlesWithin } from "./deadline.ts";
import type { ErrorLog } from "./error-log.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { QUEUE_NAMES, type QueueName } from "./names.ts";
import { readSettings } from "./redis-settings.ts";

const CLOSE_MS = 1_000;
const retryStrategy = (attempt: number) => Math.min(100 * attempt, 1_000);
const PRODUCER = { maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 2_500, retryStrategy };
/** BullMQ's workers wait on blocking commands, which no retry limit may end. */
const WORKER = { maxRetriesPerRequest: null, retryStrategy };

/** BullMQ's own check of the server prints plain lines between our logs; `health` says the same and more. */
const QUIET = { skipVersionCheck: true };

export type RedisOptions = {
  readonly url: Secret;
  readonly prefix: string;
  /** True: be ready on a Redis that may evict jobs, because the operator says so. */
  readonly allowEviction: boolean;
};

export function openRedisBackend(
  options: RedisOptions,
  deps: { log: Logger; errors: ErrorLog },
): QueueBackend {
  const { prefix, allowEviction } = options;
  const url = options.url.reveal();
  const producer = new Redis(url, PRODUCER);
  producer.on("error", (error) => deps.errors("redis", error));
  const openQueue = (name: QueueName) => {
    const queue = new Queue(name, { connection: producer, prefix, defaultJobOptions: JOB_OPTIONS, ...QUIET });
    queue.on("error", (error) => deps.errors(name, error));
    return queue;
  };
  const queues = {
    rotations: openQueue("rotations"),
    emergencies: openQueue("emergencies"),
    alerts: openQueue("alerts"),
    upkeep: openQueue("upkeep"),
  };
  void warnOfLoss(producer, deps.log);

  return {
    queues,
    async startWorker(name, processor, settings) {
      const run: typeof processor = (job, token, signal) => processor(job, token, signal);
      const worker = new Worker(name, run, { connection: { url, ...WORKER }, prefix, ...QUIET, ...settings });
      worker.on("error", (error) => deps.errors(`${name} worker`, error));
      return worker;
    },
    health: () => health(producer, allowEviction),
    async [Symbol.asyncDispose]() {
      const closed = Promise.all(QUEUE_NAMES.map((name) => queues[name].close()));
      await settlesWithin(closed, CLOSE_MS);
      producer.disconnect();
    },
  };
}

async function health(redis: Redis, allowEviction: boolean): Promise<Health> {
  try {
    const { maxmemoryPolicy } = await readSettings(redis);
    if (maxmemoryPolicy === null || maxmemoryPolicy === "noeviction" || allowEviction)
      return { ok: true, detail: "ok" };
    return {
      ok: false,
      detail:
        `Redis may evict jobs: its maxmemory-policy is ${maxmemoryPolicy}. Run \`CONFIG SET maxmemory-policy noeviction\` ` +
        "and put `maxmemory-policy noeviction` into redis.conf; QUEUE_ALLOW_EVICTION=true accepts the loss instead",
    };
  } catch {
    return { ok: false, detail: "Redis does not answer: check that it runs and that QUEUE_URL is right" };
  }
}

/** Says once, at start, where a restart of Redis would lose jobs. */
async function warnOfLoss(redis: Redis, log: Logger): Promise<void> {
  const settings = await readSettings(redis).catch(() => null);
  if (settings?.persistent === false) {
    log.warn(
      "Redis keeps nothing on disk: a restart of it loses every job. Put `appendonly yes` into redis.conf",
    );
  }
}
