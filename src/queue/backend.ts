/** A server that holds the queues, and what the rest of this folder needs of it. */
import type { Job, Queue, Worker } from "bullmq";
import type { QueueName } from "./names.ts";

export type Health = {
  readonly ok: boolean;
  /** `ok`, or what is wrong and how to mend it. */
  readonly detail: string;
};

/** The signal is given only to processors that declare all three parameters (BullMQ looks at their number). */
export type BullProcessor = (
  job: Job,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<unknown>;

export type WorkerSettings = {
  readonly concurrency: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  readonly runRetryDelay: number;
  readonly settings: { readonly backoffStrategy: (attemptsMade: number) => number };
};

/** The id is one that BullMQ takes: no number, no colon. */
export type NewJob = {
  readonly name: string;
  readonly data: unknown;
  readonly opts: { readonly jobId: string; readonly delay?: number };
};

export type AddedJob = {
  /** Of the job that this call made; the queue has another one's if it knew the id. */
  readonly timestamp: number;
  /** Whether the queue holds a job that failed for good. */
  readonly besideFailed: boolean;
};

export type QueueBackend = AsyncDisposable & {
  readonly queues: Readonly<Record<QueueName, Queue>>;
  /** `Queue.add`, for many callers: the jobs that come at the same time go to the server together. */
  addTo(queue: QueueName, job: NewJob): Promise<AddedJob>;
  /** Starts a worker once the server has answered it; from then on it waits for the server for as long as it takes. Whoever starts it closes it. */
  startWorker(queue: QueueName, processor: BullProcessor, settings: WorkerSettings): Promise<Worker>;
  health(): Promise<Health>;
};
