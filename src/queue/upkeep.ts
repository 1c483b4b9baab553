/**
 * The queue `upkeep`: sweeps on a schedule that all instances share, and the jobs that look into events. A sweep is
 * no work: it has no data, is not tried again, and the next one makes up for it.
 */
import type { Job, Queue } from "bullmq";
import { describeError, publicError } from "../core/public-error.ts";
import type { BullProcessor } from "./backend.ts";
import { withDeadline } from "./deadline.ts";
import { startRuns, startTogether, type WorkerDeps, workerSettings, workProcessor } from "./worker.ts";

const RECONCILE = "reconcile";
/** A sweep that waits for Paddle keeps none of the events waiting. */
const CONCURRENCY = 3;
const RECENT_MS = 60_000;
/** Among these the last sweep is looked for; other jobs of the queue may have ended since. */
const LOOKED_AT = 50;
const SCHEDULE_MS = 3_000;
const SCHEDULE_AGAIN_MS = 5_000;
/** People look at the last ones; what they found is in the log and in the jobs that they made. */
const JOB_OPTIONS = { attempts: 1, removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };

export type UpkeepDeps = WorkerDeps & {
  /** One sweep. The signal aborts when this worker stops or has lost the job. */
  readonly reconcile: (signal: AbortSignal) => Promise<void>;
  readonly everyMs: number;
};

/** Resolves once the worker runs. The schedule is set up as soon as the queue takes it, and one sweep is made then. */
export function startUpkeep(deps: UpkeepDeps): Promise<AsyncDisposable> {
  return startTogether((stopping) => {
    const runWork = workProcessor(deps, stopping);
    const process: BullProcessor = (job, token, signal) =>
      job.name === RECONCILE ? reconcileOnce(job, signal, stopping, deps) : runWork(job, token, signal);
    const worker = startRuns(deps.backend, "upkeep", workerSettings(CONCURRENCY, deps.random), process);
    return [worker, worker.then(() => keepTrying(deps, stopping))];
  });
}

/** Never throws: a queue that is down now takes the schedule later. */
async function keepTrying(deps: UpkeepDeps, stopping: AbortSignal): Promise<AsyncDisposable> {
  const trying = (async () => {
    while (!stopping.aborted && !(await isScheduled(deps)))
      await deps.clock.sleep(SCHEDULE_AGAIN_MS, stopping).catch(() => {});
  })();
  return { [Symbol.asyncDispose]: () => trying };
}

async function isScheduled({ backend, everyMs, clock, log }: UpkeepDeps): Promise<boolean> {
  try {
    await withDeadline(schedule(backend.queues.upkeep, everyMs, clock.now()), SCHEDULE_MS);
    return true;
  } catch (error) {
    log.warn({ reason: describeError(error) }, "the sweeps could not be scheduled yet; trying again");
    return false;
  }
}

/** Twice, and from many instances, it is the same as once: the schedule has one id, the first run one a minute. */
async function schedule(queue: Queue, everyMs: number, now: number): Promise<void> {
  await queue.upsertJobScheduler(
    RECONCILE,
    { every: everyMs },
    { name: RECONCILE, data: {}, opts: JOB_OPTIONS },
  );
  const jobId = `${RECONCILE}-at-start-${Math.floor(now / RECENT_MS)}`;
  await queue.add(RECONCILE, {}, { ...JOB_OPTIONS, jobId });
}

async function reconcileOnce(
  job: Job,
  signal: AbortSignal | undefined,
  stopping: AbortSignal,
  { backend, reconcile, log }: UpkeepDeps,
): Promise<{ readonly result: "swept" | "skipped" }> {
  if (await isSpare(job, backend.queues.upkeep)) return { result: "skipped" };
  try {
    await reconcile(AbortSignal.any(signal ? [signal, stopping] : [stopping]));
  } catch (error) {
    log.error({ reason: describeError(error) }, "the sweep failed; the next one makes up for it");
    throw publicError(error);
  }
  return { result: "swept" };
}

/** Whether another sweep runs, begun before this one, or ended a moment ago. A guess: two at once do no harm. */
async function isSpare(job: Job, queue: Queue): Promise<boolean> {
  const others = (await queue.getJobs(["active", "completed"], 0, LOOKED_AT)).filter(
    (other) => other?.name === RECONCILE && other.id !== job.id,
  );
  const startedAt = job.processedOn ?? 0;
  return others.some(({ id, finishedOn, processedOn, returnvalue }) => {
    if (finishedOn !== undefined)
      return returnvalue?.result === "swept" && startedAt - finishedOn < RECENT_MS;
    if (processedOn === undefined) return false;
    return processedOn < startedAt || (processedOn === startedAt && (id ?? "") < (job.id ?? ""));
  });
}
