/** The queue `alerts` in memory: the real alerts and the real worker on it, driven by the test's own clock. */
import { DelayedError, type Job, type Worker } from "bullmq";
import { pino } from "pino";
import { type Alert, ChannelError, type Severity } from "../../../src/core/alert.ts";
import type { Alerts, Clock, Records } from "../../../src/core/ports.ts";
import type { AlertJob } from "../../../src/queue/alert-jobs.ts";
import { createAlerts, startAlertWorker } from "../../../src/queue/alerts.ts";
import type { BullProcessor, QueueBackend } from "../../../src/queue/backend.ts";
import { backoffMs } from "../../../src/queue/backoff.ts";

/** As src/queue/job-options.ts has it, and more than any story takes. */
const ATTEMPTS = 1_161;

/** A channel that delivers unless it is down. */
export class Channel {
  readonly name: string;
  readonly minSeverity: Severity;
  readonly sent: Alert[] = [];
  readonly #isDown: () => boolean;

  constructor(name: string, minSeverity: Severity, isDown: () => boolean = () => false) {
    this.name = name;
    this.minSeverity = minSeverity;
    this.#isDown = isDown;
  }

  async send(alert: Alert): Promise<void> {
    if (this.#isDown()) throw new ChannelError(`${this.name} is down`, { effect: "none", retry: "later" });
    this.sent.push(alert);
  }
}

type Waiting = {
  readonly id: string;
  data: AlertJob;
  attemptsMade: number;
  /** null: delivered. */
  dueAt: number | null;
};

type Bulk = readonly { readonly data: AlertJob; readonly opts: { readonly jobId: string } }[];

export class AlertQueue {
  readonly alerts: Alerts;
  readonly #jobs = new Map<string, Waiting>();
  readonly #clock: Clock;
  #deliver: BullProcessor = async () => {};

  private constructor(clock: Clock, channels: readonly Channel[], records: Records) {
    this.#clock = clock;
    this.alerts = createAlerts(this.#backend, channels, { records });
  }

  static async open(clock: Clock, channels: readonly Channel[], records: Records): Promise<AlertQueue> {
    const queue = new AlertQueue(clock, channels, records);
    const log = pino({ level: "silent" });
    await startAlertWorker(queue.#backend, channels, { log, random: () => 0, now: () => clock.now() });
    return queue;
  }

  /** When the next message is to be delivered, epoch milliseconds; Infinity: none waits. */
  get nextAt(): number {
    return Math.min(Infinity, ...this.#unfinished.map(({ dueAt }) => dueAt ?? Infinity));
  }

  /** Those that were not delivered yet. */
  get waiting(): readonly string[] {
    return this.#unfinished.map(({ id }) => id);
  }

  /** Delivers the message that is due first. */
  async deliverNext(): Promise<void> {
    const [job] = this.#unfinished.toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
    if (!job) return;
    try {
      await this.#deliver(this.#asJob(job), "token", undefined);
      job.dueAt = null;
    } catch (error) {
      if (error instanceof DelayedError) return;
      job.attemptsMade += 1;
      job.dueAt = this.#clock.now() + backoffMs(job.attemptsMade, () => 0);
    }
  }

  get #unfinished(): readonly Waiting[] {
    return [...this.#jobs.values()].filter(({ dueAt }) => dueAt !== null);
  }

  get #backend(): QueueBackend {
    const queue = {
      addBulk: async (bulk: Bulk) => {
        for (const { data, opts } of bulk) {
          // BullMQ ignores an id that it knows.
          if (this.#jobs.has(opts.jobId)) continue;
          const dueAt = this.#clock.now();
          this.#jobs.set(opts.jobId, { id: opts.jobId, data: structuredClone(data), attemptsMade: 0, dueAt });
        }
      },
      getJobs: async () => this.#unfinished.map((job) => this.#asJob(job)),
    };
    const startWorker = async (_queue: string, processor: BullProcessor) => {
      this.#deliver = processor;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is asked of a worker here
      return { on: () => {} } as unknown as Worker;
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is asked of a backend here
    return { queues: { alerts: queue }, startWorker } as unknown as QueueBackend;
  }

  #asJob(job: Waiting): Job {
    const asked = {
      ...job,
      name: "alert",
      opts: { attempts: ATTEMPTS },
      moveToDelayed: async (until: number) => void (job.dueAt = until),
      updateData: async (data: AlertJob) => void (job.data = asked.data = structuredClone(data)),
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is asked of a job here
    return asked as unknown as Job;
  }
}
