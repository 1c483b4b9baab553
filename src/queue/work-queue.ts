/** The queue as the webhook and the API see it: work goes in, durably and once. */
import type { Queue } from "bullmq";
import { QueueError } from "../core/errors.ts";
import type { WorkQueue } from "../core/ports.ts";
import type { Work } from "../core/work.ts";
import type { AddedJob, NewJob, QueueBackend } from "./backend.ts";
import { withDeadline } from "./deadline.ts";
import { toJobData } from "./job-data.ts";
import { QUEUE_OF, type QueueName } from "./names.ts";
import { describeError } from "../core/public-error.ts";

const PUT_MS = 3_000;

type Entry = {
  readonly queue: Queue;
  readonly add: (job: NewJob) => Promise<AddedJob>;
};

export function createWorkQueue(backend: QueueBackend): WorkQueue {
  const entry = (name: QueueName): Entry => ({
    queue: backend.queues[name],
    add: (job) => backend.addTo(name, job),
  });
  const entries = {
    rotations: entry("rotations"),
    emergencies: entry("emergencies"),
    upkeep: entry("upkeep"),
  };

  const statesOf = async (intentId: string): Promise<readonly string[]> => {
    const states = Object.values(entries).map(({ queue }) => queue.getJobState(intentId));
    try {
      return await withDeadline(Promise.all(states), PUT_MS);
    } catch (error) {
      const message = `the queue does not say what became of a job: ${describeError(error)}`;
      throw new QueueError(message, { effect: "none", retry: "later", cause: error });
    }
  };

  return {
    async put(work, { delayMs } = {}) {
      try {
        await withDeadline(put(entries[QUEUE_OF[work.job]], work, delayMs), PUT_MS);
      } catch (error) {
        const message = `the queue did not take the job: ${describeError(error)}`;
        // A call that timed out may be executed once the server goes on; putting the same work again is safe.
        throw new QueueError(message, { effect: "unknown", retry: "later", cause: error });
      }
    },

    isUnfinished: async (intentId) => (await statesOf(intentId)).some((state) => UNFINISHED.has(state)),

    knows: async (intentId) => (await statesOf(intentId)).some((state) => state !== "unknown"),
  };
}

const UNFINISHED: ReadonlySet<string> = new Set([
  "waiting",
  "active",
  "delayed",
  "prioritized",
  "waiting-children",
]);

async function put({ queue, add }: Entry, work: Work, delay: number | undefined): Promise<void> {
  const { id } = work.intent;
  const opts = { jobId: id, ...(delay !== undefined && { delay }) };
  const added = await add({ name: work.job, data: toJobData(work), opts });
  // BullMQ ignores an id that it knows, also that of a failed job, and does not say so. Failed jobs are rare.
  if (added.besideFailed) await retryIfFailed(queue, id, added.timestamp);
}

/** Work that is asked for again after its job had failed is done again. */
async function retryIfFailed(queue: Queue, id: string, addedAt: number): Promise<void> {
  if ((await queue.getJobState(id)) !== "failed") return;
  const job = await queue.getJob(id);
  // This very put added it: it ran and failed before this look, and nobody has asked for it again.
  if (job?.timestamp === addedAt) return;
  await job?.retry("failed", { resetAttemptsMade: true }).catch(async (error: unknown) => {
    // Another caller was faster.
    if ((await queue.getJobState(id)) === "failed") throw error;
  });
}
