/**
 * Adds for PostgreSQL, where each statement costs a commit: the jobs that come at the same time are one statement.
 * Each caller has its own answer. On Redis this is slower than one command a job.
 */
import type { Queue } from "bullmq";
import { DatabaseError } from "pg";
import type { AddedJob, NewJob } from "./backend.ts";
import { inBatches } from "./batches.ts";

/** Then whoever waits for it has given up. Until then: the more jobs a commit has, the better. */
const ALONE_FOR_MS = 3_000;
/** Well within the server's time for a statement, also where its disk is slow. */
const FULL = 500;

type Stored = Pick<AddedJob, "timestamp">;
type Waiting = PromiseWithResolvers<Stored> & { readonly job: NewJob };
type Adding = Pick<Queue, "add" | "addBulk">;

export function batchedAdds(queue: Adding): (job: NewJob) => Promise<Stored> {
  const send = (batch: readonly Waiting[]) => addTogether(queue, batch);
  const hand = inBatches(send, { full: FULL, aloneForMs: ALONE_FOR_MS });
  return (job) => {
    const one = { job, ...Promise.withResolvers<Stored>() };
    hand(one);
    return one.promise;
  };
}

/** Never throws: each of them is told. */
async function addTogether(queue: Adding, waiting: readonly Waiting[]): Promise<void> {
  // BullMQ refuses all for one id that it refuses. On its own, that one is told why.
  const [fit, unfit] = [waiting.filter(isFit), waiting.filter((one) => !isFit(one))];
  if (fit.length < 2) return addEach(queue, waiting);
  await Promise.all([addEach(queue, unfit), addAll(queue, fit)]);
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
    if (isAboutOne(error)) await addEach(queue, sorted);
    else for (const { reject } of sorted) reject(error);
  }
}

async function addEach(queue: Adding, waiting: readonly Waiting[]): Promise<void> {
  const add = ({ job, resolve, reject }: Waiting) =>
    queue.add(job.name, job.data, job.opts).then(resolve, reject);
  await Promise.all(waiting.map(add));
}

function isFit({ job }: Waiting): boolean {
  return /^[A-Za-z_][^:]*$/.test(job.opts.jobId);
}

/** What PostgreSQL says of what it was given, or of others who were at the same rows; not of its own state. */
function isAboutOne(error: unknown): boolean {
  return error instanceof DatabaseError && /^(?:2[123]|40)/.test(error.code ?? "");
}
