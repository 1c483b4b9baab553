/**
 * Runs jobs and turns what becomes of them into the queue's verbs. A worker that is killed loses its jobs to others
 * within seconds; one that only froze finds that out before its next effect, because each confirms the hold first.
 */
import { DelayedError, type Job, UnrecoverableError, type Worker } from "bullmq";
import type { Logger } from "pino";
import { z } from "zod";
import { LeaseLostError, RotatorError } from "../core/errors.ts";
import { hideLivingSecrets } from "../core/living-secrets.ts";
import { type LogContext, logged } from "../core/log-context.ts";
import type { Alerts, Clock, Processor, Records } from "../core/ports.ts";
import { publicError } from "../core/public-error.ts";
import type { JobName, Outcome, Work } from "../core/work.ts";
import type { BullProcessor, QueueBackend, WorkerSettings } from "./backend.ts";
import { backoffMs } from "./backoff.ts";
import { settlesWithin } from "./deadline.ts";
import { createHold, LOCK_MS, type RunningJob } from "./hold.ts";
import { fromJob, OtherReleaseError } from "./job-data.ts";
import { tellFailure, tellRecovery, tellUnread } from "./job-trouble.ts";
import type { QueueName } from "./names.ts";
import { forgetUnread, markUnread, nextLook, unreadSince } from "./other-release.ts";

/** Together with the lock: a killed worker's job resumes within 15 s. */
const STALLED_MS = 3_000;
/** A job lives through days of waiting and any number of restarts; BullMQ never resets this counter. */
const MAX_STALLED = 1_000;
/** How soon a worker asks again after its server did not answer; BullMQ's own 15 s would cost every job that time. */
const ASK_AGAIN_MS = 1_000;
/** Most of them wait for Paddle or a store; emergencies that one hanging store keeps must leave room for the others. */
const CONCURRENCY = { rotations: 10, emergencies: 20 };
/** A step ends within its calls' deadlines, Paddle's the longest that must not be cut; half of what a whole stop has. */
const FINISH_MS = 10_000;
const PAUSE_MS = 1_000;
const CLOSE_MS = 3_000;

const text = z.string().nullish();
/** Of a job's data, whatever queue it is in. */
const Names = z.object({
  keyName: text,
  keyId: text,
  eventId: text,
  alert: z.object({ id: z.string(), keyName: text, keyId: text }).optional(),
});

export type WorkerDeps = {
  readonly backend: QueueBackend;
  readonly processors: Readonly<Record<JobName, Processor>>;
  readonly alerts: Alerts;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 (included) to 1. */
  readonly random: () => number;
};

export function workerSettings(concurrency: number, random: () => number): WorkerSettings {
  return {
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_MS,
    maxStalledCount: MAX_STALLED,
    runRetryDelay: ASK_AGAIN_MS,
    settings: { backoffStrategy: (attemptsMade) => backoffMs(attemptsMade, random) },
  };
}

/** Starts the workers of rotations and emergencies. Closing them lets running steps end, for a while. */
export function startWorkers(deps: WorkerDeps): Promise<AsyncDisposable> {
  return startTogether((stopping) =>
    (["rotations", "emergencies"] as const).map((queue) => {
      const settings = workerSettings(CONCURRENCY[queue], deps.random);
      return startRuns(deps.backend, queue, settings, workProcessor(deps, stopping));
    }),
  );
}

/** Starts what belongs together and closes it together. The signal aborts as soon as closing begins. */
export async function startTogether(
  start: (stopping: AbortSignal) => readonly Promise<AsyncDisposable>[],
): Promise<AsyncDisposable> {
  const stopping = new AbortController();
  const runs = await Promise.all(start(stopping.signal));
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(runs.map((run) => run[Symbol.asyncDispose]()));
    },
  };
}

/** Runs the jobs that are work, in any queue. `stopping`: our own stop, which is no failure of a job. */
export function workProcessor(deps: WorkerDeps, stopping: AbortSignal): BullProcessor {
  return (job, token, signal) => runJob(job, token, signal, { ...deps, stopping });
}

/** A worker that can be closed whatever state its server is in. */
export async function startRuns(
  backend: QueueBackend,
  queue: QueueName,
  settings: WorkerSettings,
  processor: BullProcessor,
): Promise<AsyncDisposable> {
  const running = new Set<Promise<unknown>>();
  const worker = await backend.startWorker(
    queue,
    (job, token, signal) => {
      const run = logged(namesOf(job), () => processor(job, token, signal)).catch((error: unknown) => {
        throw kept(error);
      });
      running.add(run);
      const ended = () => running.delete(run);
      run.then(ended, ended);
      return run;
    },
    settings,
  );
  // BullMQ tells that a lock was lost; the run that held it must hear of it.
  worker.on("lockRenewalFailed", (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, "lock lost");
  });
  return { [Symbol.asyncDispose]: () => close(worker, running, backend) };
}

/** What every line about a job names: whoever looks for one of them finds all. */
function namesOf(job: Job): LogContext {
  const names = Names.safeParse(job.data).data;
  const about = { ...names?.alert, ...names };
  return {
    jobId: job.id ?? "",
    ...(about.keyName && { keyName: about.keyName }),
    ...(about.keyId && { keyId: about.keyId }),
    ...(names?.eventId && { eventId: names.eventId }),
    ...(names?.alert && { alertId: names.alert.id }),
  };
}

/** What BullMQ keeps of an error is for everybody to read; its own are its verbs. */
function kept(error: unknown): unknown {
  if (error instanceof DelayedError) return error;
  if (error instanceof UnrecoverableError) return new UnrecoverableError(hideLivingSecrets(error.message));
  return publicError(error);
}

/** `close` hangs where the server is gone, so it is forced there; locks that are left behind lapse by themselves. */
async function close(
  worker: Worker,
  running: ReadonlySet<Promise<unknown>>,
  backend: QueueBackend,
): Promise<void> {
  await settlesWithin(worker.pause(true), PAUSE_MS);
  const isIdle = await settlesWithin(Promise.allSettled(running), FINISH_MS);
  const { ok } = await backend.health();
  await settlesWithin(worker.close(!ok || !isIdle), CLOSE_MS);
}

async function runJob(
  job: Job,
  token: string | undefined,
  signal: AbortSignal | undefined,
  deps: WorkerDeps & { readonly stopping: AbortSignal },
): Promise<unknown> {
  if (token === undefined || signal === undefined)
    throw new Error("BullMQ gave the job no token or no signal");
  const running = { job, token, signal };
  const hold = createHold(running, deps);
  let work: Work | null = null;
  let outcome: Outcome;
  const wasUnread = unreadSince(job.data) !== null;
  try {
    work = fromJob({ id: job.id ?? "", name: job.name, data: job.data });
    // Whatever comes of this run: it could be read. A mark that stays does no harm but an early page.
    if (wasUnread) await forgetUnread(job).catch(() => {});
    outcome = await deps.processors[work.job](work, hold);
  } catch (error) {
    await hold.notesKept();
    if (error instanceof OtherReleaseError) return settle(running, await leaveToOthers(job, error, deps));
    if (!deps.stopping.aborted || !isWorthAnotherTry(error)) throw await failed(job, work, error, deps);
    // Cut short by our own stop, which is no failure of the job: given back, it goes on after the next start.
    return settle(running, { kind: "wait", at: deps.clock.now(), why: "the service stops" });
  }
  await hold.notesKept();
  // Failures are counted anew for a job that a person began anew, so its end is always looked at.
  if (job.attemptsMade > 0 || wasUnread || outcome.kind !== "wait")
    await tellRecovery(job, work, deps.clock.now(), deps);
  return settle(running, outcome);
}

async function settle({ job, token }: RunningJob, outcome: Outcome): Promise<unknown> {
  switch (outcome.kind) {
    case "done":
      return { ...outcome, summary: hideLivingSecrets(outcome.summary) };
    case "wait":
      // PostgreSQL refuses parts of a millisecond.
      await job.moveToDelayed(Math.ceil(outcome.at), token);
      throw new DelayedError();
    case "needs-person":
      throw new UnrecoverableError(outcome.summary);
    default:
      return outcome satisfies never;
  }
}

/** The error to hand to BullMQ, which keeps its text in the job. */
async function failed(job: Job, work: Work | null, error: unknown, deps: WorkerDeps): Promise<Error> {
  const shown = publicError(error);
  const attempt = job.attemptsMade + 1;
  if (error instanceof LeaseLostError) {
    deps.log.warn({ jobId: job.id }, "this worker lost the job to another one, which goes on with it");
    return shown;
  }
  deps.log.error(
    { jobId: job.id, keyName: work?.keyName, attempt, err: error },
    "the job failed and will be tried again",
  );
  const now = deps.clock.now();
  await tellFailure({ job, work, attempt, error, reason: shown.message, now }, deps);
  return shown;
}

/** This worker cannot read the job; of those that run beside it another one may. */
async function leaveToOthers(job: Job, error: OtherReleaseError, deps: WorkerDeps): Promise<Outcome> {
  const now = deps.clock.now();
  const isMet = unreadSince(job.data) === null;
  const since = await markUnread(job, now);
  const reason = error.message;
  if (isMet) deps.log.warn({ jobId: job.id, reason }, "a job of another release is left to other workers");
  const { keyName = null, keyId = null } = Names.safeParse(job.data).data ?? {};
  await tellUnread({ job, keyName, keyId, reason, waitedMs: now - since, now }, deps);
  return { kind: "wait", at: nextLook(since, now, deps.random), why: reason };
}

function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof RotatorError && error.retry === "later";
}
