/**
 * Adds for PostgreSQL, where each statement costs a commit: the jobs of one turn of the event loop are one statement.
 * Each caller has its own answer. On Redis this is slower than one command a job.
 */
import type { Queue } from "bullmq";
import { DatabaseError } from "pg";
import type { AddedJob, NewJob } from "./backend.ts";
import { perTurn } from "./turn.ts";

type Waiting = PromiseWithResolvers<AddedJob> & { readonly job: NewJob };
type Adding = Pick<Queue, "add" | "addBulk">;

export function batchedAdds(queue: Adding): (job: NewJob) => Promise<AddedJob> {
  const hand = perTurn<Waiting>((waiting) => {
    // BullMQ refuses all for one id that it refuses. On its own, that one is told why.
    const [fit, unfit] = [waiting.filter(isFit), waiting.filter((one) => !isFit(one))];
    addEach(queue, fit.length === 1 ? waiting : unfit);
    if (fit.length > 1) void addAll(queue, fit);
  });
  return (job) => {
    const waiting = { job, ...Promise.withResolvers<AddedJob>() };
    hand(waiting);
    return waiting.promise;
  };
}

async function addAll(queue: Adding, waiting: readonly Waiting[]): Promise<void> {
  // In one order everywhere: two processes that add the same jobs wait for each other's rows, and never in a circle.
  const sorted = waiting.toSorted((one, other) => (one.job.opts.jobId < other.job.opts.jobId ? -1 : 1));
  try {
    const added = await queue.addBulk(sorted.map(({ job }) => job));
    for (const [index, { resolve, reject }] of sorted.entries()) {
      const job = added[index];
      if (job) resolve(job);
      else reject(new Error("BullMQ gave a job no answer"));
    }
  } catch (error) {
    // Nothing of them is stored.
    if (isAboutOne(error)) addEach(queue, sorted);
    else for (const { reject } of sorted) reject(error);
  }
}

function addEach(queue: Adding, waiting: readonly Waiting[]): void {
  for (const { job, resolve, reject } of waiting)
    queue.add(job.name, job.data, job.opts).then(resolve, reject);
}

function isFit({ job }: Waiting): boolean {
  return /^[A-Za-z_][^:]*$/.test(job.opts.jobId);
}

/** What PostgreSQL says of what it was given, or of others who were at the same rows; not of its own state. */
function isAboutOne(error: unknown): boolean {
  return error instanceof DatabaseError && /^(?:2[123]|40)/.test(error.code ?? "");
}
