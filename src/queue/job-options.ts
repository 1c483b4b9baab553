/** How long jobs are tried and kept. */
import type { DefaultJobOptions } from "bullmq";
import { attemptsWithin } from "./backoff.ts";

const DAY_S = 86_400;
/** Paddle warns 7 days before an expiry: a rotation that keeps failing is tried for as long. */
const TRY_FOR_MS = 7 * DAY_S * 1000;

export const JOB_OPTIONS: DefaultJobOptions = {
  attempts: attemptsWithin(TRY_FOR_MS),
  // Resolved by the worker's backoffStrategy.
  backoff: { type: "rotator" },
  removeOnComplete: { age: 365 * DAY_S, count: 10_000 },
  // A failed job waits for a person; the bound is against a flood, not a policy.
  removeOnFail: { count: 10_000 },
  keepLogs: 1_000,
  stackTraceLimit: 1,
};
