/**
 * A job that another release wrote and this one cannot read waits for a worker that can. That is no failure: it costs
 * the job none of its attempts, and it is looked at often, for in a rolling restart the next look may be such a worker's.
 */
import type { Job } from "bullmq";
import { z } from "zod";

const SOONEST_MS = 250;
const LATEST_MS = 30_000;
/**
 * The part of the time it has waited that it waits again. Which worker looks is chance, and was seen to favour the one
 * that looked last four to one: of jobs that were looked at 20 times, one in a hundred is left.
 */
const PART = 1 / 20;
/** What chance may add, so that jobs that wait together do not come together. */
const SPREAD = 0.25;

/** Stands in the job's data, beside what the other release has there, and leaves that as it is. */
const Marked = z.object({ unreadSince: z.iso.datetime() });

type Kept = Pick<Job, "data" | "timestamp" | "updateData">;

/** Since when, in epoch milliseconds; null: the last worker that looked at it could read it. */
export function unreadSince(data: unknown): number | null {
  const { data: marked } = Marked.safeParse(data);
  return marked ? Date.parse(marked.unreadSince) : null;
}

/** Says since when nobody could read it: from now on, unless it is marked already. */
export async function markUnread(job: Kept, now: number): Promise<number> {
  const since = unreadSince(job.data);
  if (since !== null) return since;
  // Nothing can be written beside what is no object.
  if (typeof job.data !== "object" || job.data === null) return job.timestamp;
  await job.updateData({ ...job.data, unreadSince: new Date(now).toISOString() });
  return now;
}

export async function forgetUnread(job: Kept): Promise<void> {
  const { unreadSince: _mark, ...data } = job.data;
  await job.updateData(data);
}

/** When to look again, in epoch milliseconds. `random`: from 0 (included) to 1. */
export function nextLook(since: number, now: number, random: () => number): number {
  const ms = Math.min(Math.max((now - since) * PART, SOONEST_MS), LATEST_MS);
  return Math.ceil(now + ms * (1 + SPREAD * random()));
}
