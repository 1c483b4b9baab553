/**
 * Queues on Redis or Valkey: one server, a master behind Sentinels, or a Cluster. Producers fail fast and recover by
 * themselves; workers wait for as long as it takes.
 * The options are those that were measured: an `add` fails within 3 s whether the server is down, hung or not yet up.
 */
import { type ConnectionOptions, createRedisBackend, Queue, Worker } from "bullmq";
import { Cluster } from "ioredis";
import type { Logger } from "pino";
import { codeOf } from "../core/public-error.ts";
import type { Secret } from "../core/secret.ts";
import { prefixAt, redisAddress } from "../redis/address.ts";
import {
  backOff,
  clusterOptions,
  type Manner,
  openClient,
  type RedisClient,
  sentinelOptions,
} from "../redis/client.ts";
import type { QueueBackend } from "./backend.ts";
import { settlesWithin } from "./deadline.ts";
import type { ErrorLog } from "./error-log.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { QUEUE_NAMES, type QueueName } from "./names.ts";
import { redisAdds } from "./redis-adds.ts";
import { redisHealth, warnOfLoss } from "./redis-health.ts";
import { resting } from "./resting.ts";

const CLOSE_MS = 1_000;
const PRODUCER: Manner = {
  redis: {
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    commandTimeout: 2_500,
    // A server that has gone without a word is found out by its silence: another one may have its place by now.
    socketTimeout: 2_500,
    retryStrategy: backOff,
  },
  // Else everything that is put while the Cluster is down would be kept in memory, and run long after its 503.
  cluster: { enableOfflineQueue: false },
};
/** BullMQ's workers wait on blocking commands, which no retry limit may end; these last up to 10 s. */
const WORKER: Manner = {
  redis: { maxRetriesPerRequest: null, socketTimeout: 12_000, retryStrategy: backOff },
  cluster: {
    maxRedirections: Number.POSITIVE_INFINITY,
    retryDelayOnMoved: 50,
    // A worker that waits in vain connects anew. With this check, a Cluster that has no master for some of its slots at
    // that moment leaves ioredis's `connect()` without an end, and BullMQ waits for that end: no job runs ever again.
    // Without it the commands are sent, refused with CLUSTERDOWN, and sent again until there is a master.
    enableReadyCheck: false,
  },
};

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
  const { url, allowEviction } = options;
  const prefix = prefixAt(redisAddress(url), options.prefix);
  const producer = openClient(url, PRODUCER);
  const trouble = watch(producer, deps.errors);
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
  void queues.upkeep.waitUntilReady().then(
    () => warnOfLoss(producer, deps.log),
    // It never came up: others say so.
    () => {},
  );

  return {
    queues,
    addTo: redisAdds(producer, queues),
    async startWorker(name, processor, settings) {
      const run: typeof processor = (job, token, signal) => processor(job, token, signal);
      const connection = workerConnection(url);
      const worker = new Worker(name, run, { connection, prefix, ...QUIET, ...settings }, (...args) =>
        resting(createRedisBackend(...args)),
      );
      worker.on("error", (error) => deps.errors(`${name} worker`, error));
      // BullMQ leaves open what it was given.
      if (connection instanceof Cluster) worker.on("closed", () => connection.disconnect());
      return worker;
    },
    health: () => redisHealth(producer, { key: `${prefix}:health`, allowEviction, trouble }),
    async [Symbol.asyncDispose]() {
      const closed = Promise.all(QUEUE_NAMES.map((name) => queues[name].close()));
      await settlesWithin(closed, CLOSE_MS);
      producer.disconnect();
    },
  };
}

/** Tells of every error; gives the last one, until the connection is ready. */
function watch(client: RedisClient, errors: ErrorLog): () => unknown {
  let last: unknown = null;
  for (const event of ["error", "node error"])
    client.on(event, (error: unknown) => {
      // Of a Cluster, what a node said tells more than that none could be asked.
      if (codeOf(error) !== null) last = error;
      errors("redis", error);
    });
  client.on("ready", () => (last = null));
  return () => last;
}

/** What BullMQ makes a worker's two connections of. A Cluster is one of them, and is copied for the other. */
function workerConnection(url: Secret): ConnectionOptions {
  const address = redisAddress(url);
  switch (address.kind) {
    case "server":
      return { url: url.reveal(), ...WORKER.redis };
    case "sentinel":
      return sentinelOptions(address, WORKER.redis);
    case "cluster":
      // Not `lazyConnect`: where the Cluster is not there yet, BullMQ would take the first attempt's end for the last.
      return new Cluster([...address.endpoints], clusterOptions(address, WORKER));
    default:
      return address satisfies never;
  }
}
