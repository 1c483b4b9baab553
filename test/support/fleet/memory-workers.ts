/**
 * The queues and their workers in memory and in a test's time: as many runs at once as the real ones, first come
 * first served, a failed run again after the queue's own backoff, a waiting one at its time.
 */
import { RotatorError } from "../../../src/core/errors.ts";
import type { Clock, Fact, JobHold, Processor, WorkQueue } from "../../../src/core/ports.ts";
import type { JobName, Outcome, Work } from "../../../src/core/work.ts";
import { backoffMs } from "../../../src/queue/backoff.ts";
import { QUEUE_OF } from "../../../src/queue/names.ts";

type Queue = (typeof QUEUE_OF)[JobName];

/** As in src/queue/worker.ts and upkeep.ts. */
const CONCURRENCY: Readonly<Record<Queue, number>> = { rotations: 10, emergencies: 5, upkeep: 3 };

export type MemoryJob = {
  readonly work: Work;
  readonly hold: JobHold;
  /** Epoch milliseconds; null: over. */
  dueAt: number | null;
  failures: number;
  outcome: Outcome | null;
};

export class MemoryWorkers implements WorkQueue {
  /** What runs a job of each name. */
  readonly processors: Partial<Record<JobName, Processor>> = {};
  /** What runs threw. */
  readonly errors: unknown[] = [];
  readonly #clock: Clock;
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #delayed = new Set<MemoryJob>();
  readonly #waiting: Record<Queue, MemoryJob[]> = { rotations: [], emergencies: [], upkeep: [] };
  readonly #running: Record<Queue, number> = { rotations: 0, emergencies: 0, upkeep: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get jobs(): readonly MemoryJob[] {
    return [...this.#jobs.values()];
  }

  /** When the next delayed job is due, epoch milliseconds; Infinity: none is delayed. */
  get nextDueAt(): number {
    return Math.min(Infinity, ...[...this.#delayed].map(({ dueAt }) => dueAt ?? Infinity));
  }

  put(work: Work, { delayMs = 0 } = {}): Promise<void> {
    if (this.#jobs.has(work.intent.id)) return Promise.resolve();
    const dueAt = this.#clock.now() + delayMs;
    const job = { work, hold: this.#hold(), dueAt, failures: 0, outcome: null };
    this.#jobs.set(work.intent.id, job);
    this.#delayed.add(job);
    return Promise.resolve();
  }

  isUnfinished(intentId: string): Promise<boolean> {
    return Promise.resolve((this.#jobs.get(intentId)?.dueAt ?? null) !== null);
  }

  knows(intentId: string): Promise<boolean> {
    return Promise.resolve(this.#jobs.has(intentId));
  }

  /** Starts what is due and has a free worker. Returns how many runs it started. */
  pump(): number {
    const now = this.#clock.now();
    const due = [...this.#delayed].filter(({ dueAt }) => (dueAt ?? Infinity) <= now);
    for (const job of due.toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))) {
      this.#delayed.delete(job);
      this.#waiting[QUEUE_OF[job.work.job]].push(job);
    }
    let started = 0;
    for (const queue of ["emergencies", "rotations", "upkeep"] as const) {
      while (this.#running[queue] < CONCURRENCY[queue]) {
        const job = this.#waiting[queue].shift();
        if (!job) break;
        started += 1;
        void this.#run(queue, job);
      }
    }
    return started;
  }

  async #run(queue: Queue, job: MemoryJob): Promise<void> {
    this.#running[queue] += 1;
    try {
      const processor = this.processors[job.work.job];
      if (!processor) throw new Error(`nobody runs jobs named ${job.work.job}`);
      job.outcome = await processor(job.work, job.hold);
      job.dueAt = job.outcome.kind === "wait" ? job.outcome.at : null;
    } catch (error) {
      this.errors.push(error);
      job.failures += 1;
      const isWorthAnotherTry = error instanceof RotatorError && error.retry === "later";
      job.dueAt = isWorthAnotherTry ? this.#clock.now() + backoffMs(job.failures, () => 0.5) : null;
    } finally {
      this.#running[queue] -= 1;
    }
    if (job.dueAt !== null) this.#delayed.add(job);
    // A free worker takes the next job at once.
    this.pump();
  }

  #hold(): JobHold {
    const facts: Record<string, Fact> = {};
    const clock = this.#clock;
    return {
      lease: { confirm: () => Promise.resolve() },
      journal: {
        receivedAt: clock.now(),
        facts,
        note(name, { says, about }) {
          const at = facts[name]?.at ?? new Date(clock.now()).toISOString();
          facts[name] = { at, says, ...(about && { fingerprint: about.secret.fingerprint() }) };
          return Promise.resolve();
        },
      },
    };
  }
}
