/**
 * A job that keeps failing is an incident: people hear of it after some failures in a row, and again when a run goes
 * well. BullMQ counts all failures of a job's life, so where the last good run was is remembered.
 */
import type { Job } from "bullmq";
import type { Logger } from "pino";
import { z } from "zod";
import { callOff, type IncidentPorts, isOpen, tellOnce, tellStage } from "../alerts/incidents.ts";
import { describeError } from "../core/public-error.ts";
import type { Work } from "../core/work.ts";
import { type Failure, failureAlert, jobWorks, type Unread, unreadAlert } from "./failure-alerts.ts";

export type TroubleDeps = IncidentPorts & { readonly log: Logger };

/** `after`: how many failures the job had by then. */
const Recovery = z.object({ after: z.number() });

type Since = {
  /** Failures before the present row of them. */
  readonly failures: number;
  /** The same for all messages about one row of failures. */
  readonly incidentId: string;
};

/** Tells people where it is worth that. Never throws: the job's own error counts. */
export async function tellFailure(failure: Failure, deps: TroubleDeps): Promise<void> {
  const { job, attempt } = failure;
  try {
    const since = await lastRecovery(job.id ?? "", attempt - 1, deps);
    const alert = failureAlert({ ...failure, inARow: attempt - since.failures });
    if (!alert) return;
    const isLast = alert.kind === "job-failed";
    await (isLast
      ? tellStage({ ...alert, id: since.incidentId }, "failed", deps)
      : tellOnce({ ...alert, id: since.incidentId }, deps));
  } catch (error) {
    deps.log.error({ jobId: job.id, reason: describeError(error) }, "a failing job could not be told of");
  }
}

/** Tells people of a job that no worker could read for some time. Never throws: the job waits either way. */
export async function tellUnread(unread: Unread, deps: TroubleDeps): Promise<void> {
  const { job } = unread;
  try {
    const alert = unreadAlert(unread);
    if (!alert) return;
    const { incidentId } = await lastRecovery(job.id ?? "", job.attemptsMade, deps);
    await tellStage({ ...alert, id: incidentId }, "unread", deps);
  } catch (error) {
    deps.log.error({ jobId: job.id, reason: describeError(error) }, "an unread job could not be told of");
  }
}

/** A run of the job went well: ends what people were told. Never throws. */
export async function tellRecovery(
  job: Pick<Job, "id" | "name" | "attemptsMade">,
  work: Work,
  now: number,
  deps: TroubleDeps,
): Promise<void> {
  const id = job.id ?? "";
  try {
    const since = await lastRecovery(id, job.attemptsMade, deps);
    if (!(await isOpen(since.incidentId, deps.records))) return;
    await callOff(since.incidentId, jobWorks(job.name, work, since.incidentId, now), deps);
    await deps.records.append(listOf(id), { after: job.attemptsMade, at: now });
  } catch (error) {
    deps.log.warn({ jobId: id, reason: describeError(error) }, "that a job works again could not be told");
  }
}

/** @param failures of the job by now: one that was begun anew by a person counts from 0 again */
async function lastRecovery(jobId: string, failures: number, { records }: TroubleDeps): Promise<Since> {
  const [last] = await records.list(listOf(jobId), { limit: 1 });
  const { data } = Recovery.safeParse(last?.value);
  if (!last || !data) return { failures: 0, incidentId: `job-failing-${jobId}` };
  return {
    failures: data.after <= failures ? data.after : 0,
    incidentId: `job-failing-${jobId}-${last.id}`,
  };
}

function listOf(jobId: string): string {
  return `job-recoveries-${jobId}`;
}
