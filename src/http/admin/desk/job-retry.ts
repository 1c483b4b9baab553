/** A person has mended what a job failed of and wants it tried again. */
import type { JobList, JobView } from "../../../core/job-view.ts";
import type { ManagedKey } from "../../../core/managed-key.ts";
import { standbyKeyOf } from "../../../rotation/standby-key.ts";
import type { Queued, Refusal } from "./key-answers.ts";
import type { Neighbours } from "./key-neighbours.ts";

export type RetryAnswer = Queued | Exclude<Refusal, { kind: "rejected" }>;

export type RetryRequest = {
  readonly jobId: string;
  /** Who asks, in words for the log. */
  readonly askedBy: string;
};

/** Asks for the same intent again: the queue takes up the job that failed, and adds none beside it. */
export async function retryJob(
  key: ManagedKey,
  { jobId, askedBy }: RetryRequest,
  { jobs, neighbours }: { readonly jobs: JobList; readonly neighbours: Neighbours },
): Promise<RetryAnswer> {
  let job: JobView | undefined;
  try {
    job = (await jobs.unfinished()).find(({ work }) => work.intent.id === jobId && isOf(key, work.keyName));
  } catch (error) {
    return { kind: "unavailable", why: neighbours.tell(key, "The queue could not be read", error) };
  }
  if (job?.state !== "failed") return { kind: "not-now", why: job ? NOT_FAILED : NO_JOB };
  try {
    await neighbours.put(job.work);
  } catch (error) {
    const why = neighbours.tell(key, "The queue did not take the job", error);
    return { kind: "unavailable", why: `${why}; it may run again all the same. Asking again does no harm.` };
  }
  neighbours.log.info({ keyName: key.name, keyId: job.work.keyId, jobId, askedBy }, "job asked for again");
  return { kind: "queued", queue: job.queue, jobId };
}

function isOf(key: ManagedKey, keyName: string | null): boolean {
  return keyName === key.name || keyName === standbyKeyOf(key)?.name;
}

const NOT_FAILED = "This job has not failed: it goes on by itself. Nothing was changed.";
const NO_JOB = "This key has no such job any more: it has ended, or was taken up again. Nothing was changed.";
