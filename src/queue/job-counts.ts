/** How many jobs each queue has, by state; for people and metrics. */
import type { QueueBackend } from "./backend.ts";
import { QUEUE_NAMES } from "./names.ts";

const STATES = ["waiting", "active", "delayed", "failed"] as const;

/** Rejects if the queue does not say. */
export async function countJobs({
  queues,
}: Pick<QueueBackend, "queues">): Promise<Record<string, Record<string, number>>> {
  const counts = QUEUE_NAMES.map(async (name) => [name, await queues[name].getJobCounts(...STATES)] as const);
  return Object.fromEntries(await Promise.all(counts));
}
