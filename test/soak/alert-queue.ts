/** The queue `alerts` in memory: the real worker delivers from it, on the compressed clock. */
import { DelayedError, type Job, type Worker } from "bullmq";
import { pino } from "pino";
import { type Alert, ChannelError, type Severity } from "../../src/core/alert.ts";
import { QueueError } from "../../src/core/errors.ts";
import type { Clock } from "../../src/core/ports.ts";
import type { AlertJob } from "../../src/queue/alert-jobs.ts";
import { startAlertWorker } from "../../src/queue/alerts.ts";
import type { BullProcessor, QueueBackend } from "../../src/queue/backend.ts";
import { backoffMs } from "../../src/queue/backoff.ts";

/** As src/queue/job-options.ts has it. */
const ATTEMPTS = 1_161;

/** A channel that delivers unless it is down, and checks that what it is told makes sense. */
export class Channel {
  readonly name: string;
  readonly minSeverity: Severity;
  isDown: () => boolean = () => false;
  /** Incidents that it was told of and not yet told the end of, with what was said first. */
  readonly open = new Map<string, Alert>();
  readonly wrong: string[] = [];
  sent = 0;
  readonly #told = new Map<string, number>();

  constructor(name: string, minSeverity: Severity) {
    this.name = name;
    this.minSeverity = minSeverity;
  }

  async send(alert: Alert): Promise<void> {
    if (this.isDown()) throw new ChannelError(`${this.name} is down`, { effect: "none", retry: "later" });
    this.sent += 1;
    const { id, incident, raisedAt } = alert;
    if (this.#told.has(id)) this.wrong.push(`${this.name} was told ${id} twice`);
    this.#told.set(id, raisedAt);
    if (incident?.state === "open" && !this.open.has(incident.id)) this.open.set(incident.id, alert);
    // Of a channel's failure each message has its end.
    const isEnd = incident?.state === "over" && !this.open.delete(incident.id);
    if (isEnd && alert.kind !== "channel-works")
      this.wrong.push(`${this.name} was told by ${id} of an end without a beginning`);
  }

  /** What was told before that may be told again, as the queue has forgotten it. */
  forget(before: number): void {
    for (const [id, at] of this.#told) if (at < before) this.#told.delete(id);
  }
}

type Waiting = { readonly id: string; data: AlertJob; attemptsMade: number; dueAt: number };
type Bulk = readonly { readonly data: AlertJob; readonly opts: { readonly jobId: string } }[];

export class AlertQueue {
  isDown: () => boolean = () => false;
  readonly channels: readonly Channel[];
  readonly backend: QueueBackend;
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #waiting = new Map<string, Waiting>();
  /** When each was delivered, in that order. */
  readonly #delivered = new Map<string, number>();
  #deliver: BullProcessor = async () => {};

  constructor(clock: Clock, channels: readonly Channel[], keptMs: number) {
    this.#clock = clock;
    this.channels = channels;
    this.#keptMs = keptMs;
    this.backend = this.#backend();
  }

  /** A process takes over. */
  async serve(): Promise<void> {
    const log = pino({ level: "silent" });
    const now = () => this.#clock.now();
    await startAlertWorker(this.backend, this.channels, { log, random: () => 0, now });
  }

  get kept(): number {
    return this.#delivered.size;
  }

  get waiting(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** When the next message is to be delivered, epoch milliseconds; Infinity: none waits. */
  get nextAt(): number {
    return this.#first()?.dueAt ?? Infinity;
  }

  async deliverNext(): Promise<void> {
    const job = this.#first();
    if (!job) return;
    const now = this.#clock.now();
    try {
      await this.#deliver(this.#asJob(job), "token", undefined);
      this.#waiting.delete(job.id);
      this.#delivered.set(job.id, now);
    } catch (error) {
      if (error instanceof DelayedError) return;
      job.attemptsMade += 1;
      job.dueAt = now + backoffMs(job.attemptsMade, () => 0);
    }
    for (const [id, at] of this.#delivered) {
      if (now - at <= this.#keptMs) break;
      this.#delivered.delete(id);
    }
  }

  #first(): Waiting | null {
    let first: Waiting | null = null;
    for (const job of this.#waiting.values()) if (!first || job.dueAt < first.dueAt) first = job;
    return first;
  }

  #backend(): QueueBackend {
    const queue = {
      addBulk: async (bulk: Bulk) => {
        if (this.isDown()) throw new QueueError("no answer", { effect: "none", retry: "later" });
        for (const { data, opts } of bulk) {
          // BullMQ ignores an id that it knows.
          if (this.#waiting.has(opts.jobId) || this.#delivered.has(opts.jobId)) continue;
          const dueAt = this.#clock.now();
          this.#waiting.set(opts.jobId, {
            id: opts.jobId,
            data: structuredClone(data),
            attemptsMade: 0,
            dueAt,
          });
        }
      },
      getJobs: async () => [...this.#waiting.values()].map((job) => this.#asJob(job)),
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
