/**
 * Adds for Redis, where each write and each read is a system call on both sides: jobs that come at the same time are
 * written in one piece, and their answers come in one. BullMQ's `addBulk` and ioredis's automatic pipelines do the same
 * and cost more than they save.
 */
import type { Queue } from "bullmq";
import { Cluster } from "ioredis";
import type { RedisClient } from "../redis/client.ts";
import type { AddedJob, NewJob } from "./backend.ts";
import { inBatches } from "./batches.ts";
import type { QueueName } from "./names.ts";

/** A server that is well answers within a few; one that is not must not hold up what may still get through. */
const ALONE_FOR_MS = 100;
/** Redis adds these while we read the next ones. More at once, and each of us waits for the other. */
const FULL = 16;

type Waiting = PromiseWithResolvers<AddedJob> & { readonly queue: QueueName; readonly job: NewJob };

export function redisAdds(
  client: RedisClient,
  queues: Readonly<Record<QueueName, Queue>>,
): (queue: QueueName, job: NewJob) => Promise<AddedJob> {
  const add = ({ queue, job: { name, data, opts } }: Waiting) => queues[queue].add(name, data, opts);
  // BullMQ would run a script for it.
  const anyFailed = async (queue: QueueName) => {
    await queues[queue].waitUntilReady();
    return [queue, (await client.zcard(queues[queue].toKey("failed"))) > 0] as const;
  };

  const write = async (batch: readonly Waiting[]) => {
    using _ = corked(client);
    const adding = Promise.allSettled(batch.map(add));
    await promisesDone();
    // Written after them, and so asked after they are stored, unless a script had to be sent again.
    const asking = Promise.all([...new Set(batch.map(({ queue }) => queue))].map(anyFailed));
    const asked = asking.then(
      (answers) => ({ failures: new Map(answers) }),
      (error: unknown) => ({ error }),
    );
    await promisesDone();
    return { adding, asked };
  };
  const send = async (batch: readonly Waiting[]) => {
    const { adding, asked } = await write(batch);
    const [added, answer] = await Promise.all([adding, asked]);
    for (const [index, { queue, resolve, reject }] of batch.entries()) {
      const job = added[index];
      if (job?.status !== "fulfilled") reject(job?.reason);
      else if ("error" in answer) reject(answer.error);
      else resolve({ timestamp: job.value.timestamp, besideFailed: answer.failures.get(queue) ?? true });
    }
  };
  const hand = inBatches(send, { full: FULL, aloneForMs: ALONE_FOR_MS });
  return (queue, job) => {
    const one = { queue, job, ...Promise.withResolvers<AddedJob>() };
    hand(one);
    return one.promise;
  };
}

/** Resolves when all has been done that waits for promises only: no turn of the event loop passes meanwhile. */
async function promisesDone(): Promise<void> {
  await Promise.resolve(); // From a promise's own turn, the next tick comes after all of them.
  const { promise, resolve } = Promise.withResolvers<void>();
  process.nextTick(resolve);
  return promise;
}

/** What is written from now on goes out in one piece at the end. */
function corked(client: RedisClient): Disposable {
  // A Cluster has a connection for each node; there is none before the first connection.
  const stream = client instanceof Cluster ? null : client.stream;
  stream?.cork();
  return { [Symbol.dispose]: () => stream?.uncork() };
}
