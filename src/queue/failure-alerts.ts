/** When a failing job is worth a person's attention, and in what words. */
import type { Job } from "bullmq";
import type { Alert } from "../core/alert.ts";
import { RotatorError } from "../core/errors.ts";
import type { Work } from "../core/work.ts";

/** By then the job has been tried for some seconds: not a hiccup any more. */
const WORTH_A_WARNING = 3;

export type Failure = {
  readonly job: Pick<Job, "id" | "name" | "opts">;
  readonly work: Work | null;
  /** 1 for the first. */
  readonly attempt: number;
  readonly error: unknown;
  /** Public text. */
  readonly reason: string;
  readonly now: number;
};

/** A warning on the third failure, or the first that waiting will not mend; a critical alert on the last. */
export function failureAlert({ job, work, attempt, error, reason, now }: Failure): Alert | null {
  const who = work?.keyName ?? work?.keyId ?? "an unreadable job";
  const about = { keyName: work?.keyName ?? null, keyId: work?.keyId ?? null, raisedAt: now };
  if (attempt >= (job.opts.attempts ?? 1)) {
    return {
      ...about,
      id: `job-failed-${job.id}`,
      kind: "job-failed",
      severity: "critical",
      happened: `The job ${job.name} for ${who} failed ${attempt} times and is not tried again: ${reason}`,
      action:
        "Mend the cause, then retry the job in the queue dashboard or replay its webhook in Paddle's dashboard.",
    };
  }
  const isHopeless = error instanceof RotatorError && error.retry === "never";
  if (attempt !== (isHopeless ? 1 : WORTH_A_WARNING)) return null;
  return {
    ...about,
    id: `job-failing-${job.id}`,
    kind: "job-failing",
    severity: "warning",
    happened: `The job ${job.name} for ${who} keeps failing: ${reason}`,
    action: isHopeless
      ? "Mend what is named; the job is tried again by itself, later and later, up to every ten minutes."
      : "Nothing yet: it is tried again by itself, later and later, up to every ten minutes.",
  };
}
