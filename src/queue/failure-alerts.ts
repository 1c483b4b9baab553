/** When a failing job is worth a person's attention, and in what words. */
import type { Job } from "bullmq";
import { DASHBOARD } from "../alerts/words.ts";
import type { Alert, AlertKind } from "../core/alert.ts";
import { formatDuration } from "../core/duration.ts";
import { RotatorError } from "../core/errors.ts";
import type { JobName, Work } from "../core/work.ts";
import { isJobName, type QueueName } from "./names.ts";

/** By then the job has been tried for some seconds: not a hiccup any more. */
const WORTH_A_WARNING = 3;
/** An exposed key is in strangers' hands while nothing can be done about it here. */
const WORTH_A_PAGE = 2;

/** A rolling restart takes minutes, and then a worker that can read the job is there. */
const UNREAD_MS = 10 * 60_000;
const EMERGENCY_UNREAD_MS = 60_000;

const COMMAND: Record<Exclude<JobName, "inspect">, (name: string) => string> = {
  rotate: (name) => `rotate ${name}`,
  "revoke-first": (name) => `rotate ${name} --revoke-first`,
  replace: (name) => `replace ${name}`,
};

export type Failure = {
  readonly job: Pick<Job, "id" | "name" | "opts">;
  readonly work: Work | null;
  /** 1 for the first of the job's life. */
  readonly attempt: number;
  /** 1 for the first since a run went well. Left out: none ever did. */
  readonly inARow?: number;
  readonly error: unknown;
  /** Public text. */
  readonly reason: string;
  readonly now: number;
};

/**
 * A warning on the third failure, or the first that waiting will not mend; a critical alert on the last. Emergencies
 * are critical from the beginning, and those about an exposed key say what a person can do meanwhile.
 */
export function failureAlert({
  job,
  work,
  attempt,
  inARow = attempt,
  error,
  reason,
  now,
}: Failure): Alert | null {
  const who = work?.keyName ?? work?.keyId ?? "an unreadable job";
  const about = { keyName: work?.keyName ?? null, keyId: work?.keyId ?? null, raisedAt: now };
  if (attempt >= (job.opts.attempts ?? 1)) {
    return {
      ...about,
      id: `job-failed-${job.id}`,
      kind: "job-failed" satisfies AlertKind,
      severity: "critical",
      happened: `The job ${job.name} for ${who} failed ${attempt} times and is not tried again: ${reason}`,
      action:
        "Mend the cause, then have it tried again: on its key's page, " +
        (work?.keyName && work.job !== "inspect"
          ? `with \`npm run rotator -- ${COMMAND[work.job](work.keyName)}\`, `
          : "") +
        "or by replaying its webhook in Paddle > Developer tools > Notifications.",
    };
  }
  const isHopeless = error instanceof RotatorError && error.retry === "never";
  const isExposure = work?.intent.kind === "exposed";
  const isEmergency = work?.job === "revoke-first" || work?.job === "replace";
  // At each failure from there on: the id is the same, so people hear it once, also where the first word was lost.
  if (inARow < (isHopeless ? 1 : isExposure ? WORTH_A_PAGE : WORTH_A_WARNING)) return null;
  const next = isHopeless
    ? "Mend what is named; the job is tried again by itself, later and later, up to every ten minutes."
    : "Nothing else yet: it is tried again by itself, later and later, up to every ten minutes.";
  return {
    ...about,
    id: `job-failing-${job.id}`,
    kind: "job-failing" satisfies AlertKind,
    severity: isEmergency ? "critical" : "warning",
    happened: `The job ${job.name} for ${who} keeps failing: ${reason}`,
    action: isExposure
      ? `Revoke the key now in ${DASHBOARD}: until this job succeeds, whoever found it may use it. ${next}`
      : next.replace("Nothing else yet", "Nothing yet"),
  };
}

export type Unread = {
  readonly job: Pick<Job, "id" | "name" | "queueName" | "attemptsMade">;
  /** As far as they can be read. */
  readonly keyName: string | null;
  readonly keyId: string | null;
  /** Public text. */
  readonly reason: string;
  readonly waitedMs: number;
  readonly now: number;
};

/** For a job that waits for a worker of another release: null while a rolling restart may still bring one. */
export function unreadAlert({ job, keyName, keyId, reason, waitedMs, now }: Unread): Alert | null {
  const isEmergency = job.queueName === ("emergencies" satisfies QueueName);
  if (waitedMs < (isEmergency ? EMERGENCY_UNREAD_MS : UNREAD_MS)) return null;
  const again =
    keyName !== null && isJobName(job.name) && job.name !== "inspect"
      ? ` To stay with this release, ask for it anew: \`npm run rotator -- ${COMMAND[job.name](keyName)}\`.`
      : "";
  return {
    id: `job-failing-${job.id}`,
    kind: "job-failing" satisfies AlertKind,
    severity: isEmergency ? "critical" : "warning",
    keyName,
    keyId,
    happened: `The job ${job.name} for ${keyName ?? keyId ?? "an unreadable key"} is not done: ${reason}. No worker has been able to read it for ${formatDuration(waitedMs)}.`,
    action: `Start a worker of the newer release, one with ROLE=worker is enough: it takes the job within a minute.${again}`,
    raisedAt: now,
  };
}

/** The end of what `failureAlert` began. @param incidentId of the row of failures that is over */
export function jobWorks(name: string, work: Work, incidentId: string, now: number): Alert {
  return {
    id: `${incidentId}-over`,
    kind: "job-works" satisfies AlertKind,
    severity: "info",
    keyName: work.keyName,
    keyId: work.keyId,
    happened: `The job ${name} for ${work.keyName ?? work.keyId} goes on: its last run went well.`,
    action: null,
    raisedAt: now,
  };
}
