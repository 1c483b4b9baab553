/** The jobs about keys as the overview shows them. */
import type { Job, Queue } from "bullmq";
import { QueueError } from "../core/errors.ts";
import type { JobList, JobView } from "../core/job-view.ts";
import { describeError } from "../core/public-error.ts";
import type { QueueBackend } from "./backend.ts";
import { withDeadline } from "./deadline.ts";
import { factsOf, fromJob } from "./job-data.ts";

const LIST_MS = 3_000;
/** Of each queue and state. More at once is a queue that nobody works on, and the first tell that, too. */
const MOST = 300;

const STATES = [
  ["active", "running"],
  ["waiting", "waiting"],
  ["prioritized", "waiting"],
  ["delayed", "delayed"],
  ["failed", "failed"],
] as const;

/** Jobs of other kinds, and those that another release wrote, are left out. */
export function createJobList({ queues }: QueueBackend): JobList {
  const places = (["rotations", "emergencies", "upkeep"] as const).flatMap((name) =>
    STATES.map(([state, shown]) => ({ name, queue: queues[name], state, shown })),
  );
  return {
    async unfinished() {
      const reads = places.map(async ({ name, queue, state, shown }) =>
        (await jobsOf(queue, state)).flatMap((job) => viewOf(job, name, shown) ?? []),
      );
      try {
        const views = (await withDeadline(Promise.all(reads), LIST_MS)).flat();
        return once(views).toSorted((a, b) => b.work.intent.requestedAt - a.work.intent.requestedAt);
      } catch (cause) {
        const message = `the queue does not say what it has to do: ${describeError(cause)}`;
        throw new QueueError(message, { effect: "none", retry: "later", cause });
      }
    },
  };
}

/** A job that went from one state to another between two of the reads is in both. */
function once(views: readonly JobView[]): JobView[] {
  return [...new Map(views.map((view) => [`${view.queue} ${view.work.intent.id}`, view])).values()];
}

/** A job that ended while it was listed is undefined in BullMQ's answer. */
async function jobsOf(queue: Queue, state: (typeof STATES)[number][0]): Promise<readonly Job[]> {
  const jobs: readonly (Job | undefined)[] = await queue.getJobs([state], 0, MOST - 1);
  return jobs.filter((job) => job !== undefined);
}

function viewOf(job: Job, queue: JobView["queue"], state: JobView["state"]): JobView | null {
  const { name, id = "", data } = job;
  try {
    return {
      work: fromJob({ id, name, data }),
      queue,
      state,
      // BullMQ keeps how long a job was put off for, not until when; that was decided at the end of its last run.
      nextAt: state === "delayed" ? (job.processedOn ?? job.timestamp) + job.delay : null,
      percent: typeof job.progress === "number" ? job.progress : 0,
      attempts: job.attemptsMade,
      failure: job.failedReason ?? null,
      facts: factsOf(data),
    };
  } catch (error) {
    if (error instanceof QueueError) return null;
    throw error;
  }
}
