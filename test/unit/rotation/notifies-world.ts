/**
 * The engine, its sweeps and its alerts in memory, with neighbours that fail for a while. Time passes as it does for
 * the service: jobs are tried again, sweeps are made, messages are delivered, each when it is due.
 */
import { pino } from "pino";
import { PaddleError, QueueError, RotatorError, StoreError } from "../../../src/core/errors.ts";
import type { Alert } from "../../../src/core/alert.ts";
import type { Alerts, SecretStore } from "../../../src/core/ports.ts";
import { backoffMs } from "../../../src/queue/backoff.ts";
import { tellFailure, tellRecovery } from "../../../src/queue/job-trouble.ts";
import { reconcile } from "../../../src/reconcile/reconcile.ts";
import { captureLog } from "../../support/captured-log.ts";
import { gatedPaddle, gatedRecords } from "../../support/engine/gated-ports.ts";
import type { Gate } from "../../support/engine/gates.ts";
import type { Job } from "../../support/engine/jobs.ts";
import { Outside } from "../../support/engine/outside.ts";
import { simulatedPaddle } from "../../support/engine/simulated-paddle.ts";
import { HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";
import { MemoryCheck } from "../../support/memory-check.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { AlertQueue, Channel } from "./notifies-queue.ts";

export const NEIGHBOURS = [
  "store",
  "paddle",
  "queue",
  "records",
  "consumer",
  "check",
  "ops",
  "oncall",
] as const;
export type Neighbour = (typeof NEIGHBOURS)[number];

const SWEEP_MS = HOUR_MS;
const SILENCE_MS = 24 * HOUR_MS;
const ATTEMPTS = 1_161;
const SILENT = pino({ level: "silent" });

/** A run that a person has to deal with, or a row of failures. */
export type Trouble = { readonly jobId: string; readonly what: "needs a person" | "keeps failing" };

class FailingStore extends MemoryStore {
  isDown = () => false;

  override read(): ReturnType<SecretStore["read"]> {
    return this.isDown() ? Promise.reject(storeDown()) : super.read();
  }

  override write(...given: Parameters<SecretStore["write"]>): ReturnType<SecretStore["write"]> {
    return this.isDown() ? Promise.reject(storeDown()) : super.write(...given);
  }
}

export class NotifiesWorld {
  readonly world: World;
  readonly outside: Outside;
  readonly consumer = new MemoryConsumer("billing", ["one", "two"]);
  readonly check = new MemoryCheck("errors", "alert");
  readonly channels: readonly Channel[];
  readonly trouble: Trouble[] = [];
  readonly #downUntil = new Map<Neighbour, number>();
  readonly #failures = new Map<Job, number>();
  readonly #inARow = new Map<Job, number>();
  readonly #log = captureLog().log;
  #queue: AlertQueue | null = null;
  #told = 0;
  #nextSweepAt: number;
  #restartAt = 0;

  constructor(options: WorldOptions) {
    const checked = { consumers: [this.consumer], checks: [this.check] };
    const store = (slots: ConstructorParameters<typeof MemoryStore>[0]) => new FailingStore(slots);
    this.world = new World({ ...checked, store, ...options });
    if (this.world.store instanceof FailingStore) this.world.store.isDown = () => this.isDown("store");
    this.outside = new Outside(this.world);
    this.channels = [
      new Channel("log", "info"),
      new Channel("ops", "info", () => this.isDown("ops")),
      new Channel("oncall", "critical", () => this.isDown("oncall")),
    ];
    this.#nextSweepAt = this.now;
  }

  get now(): number {
    return this.world.clock.now();
  }

  isDown(who: Neighbour): boolean {
    return this.now < (this.#downUntil.get(who) ?? 0);
  }

  fails(who: Neighbour, ms: number): void {
    this.#downUntil.set(who, Math.max(this.#downUntil.get(who) ?? 0, this.now + ms));
  }

  /** An instance of the consumer does not listen, until somebody restarts it. */
  ignoresNews(ms: number): void {
    this.consumer.stubborn.add("one");
    this.#restartAt = Math.max(this.#restartAt, this.now + ms);
  }

  /** When all of them work, epoch milliseconds. */
  get allWorkAt(): number {
    return Math.max(this.now, ...this.#downUntil.values());
  }

  async queue(): Promise<AlertQueue> {
    const { clock, records } = this.world;
    this.#queue ??= await AlertQueue.open(clock, this.channels, gatedRecords(records, this.#gate));
    return this.#queue;
  }

  /** Everything that is due until then happens. */
  async passes(ms: number): Promise<void> {
    const { clock, jobs } = this.world;
    const until = this.now + ms;
    const queue = await this.queue();
    for (;;) {
      // Nothing runs while its queue is down.
      const readyAt = Math.max(this.now, this.#downUntil.get("queue") ?? 0);
      const job = jobs.next();
      const next = Math.min(queue.nextAt, this.#nextSweepAt, job?.dueAt ?? Infinity);
      const at = Math.max(readyAt, next);
      if (at > until) break;
      await clock.advance(at - this.now);
      this.consumer.isReachable = !this.isDown("consumer");
      if (this.now >= this.#restartAt)
        for (const instance of this.consumer.stubborn) this.consumer.reload(instance);
      this.check.state = this.isDown("check") ? "bad" : "good";
      if (queue.nextAt <= at) await queue.deliverNext();
      else if (job && job.dueAt !== null && job.dueAt <= at) await this.#run(job);
      else await this.#sweep();
      for (const work of this.outside.news()) this.outside.accept(work);
    }
    await clock.advance(until - this.now);
  }

  /** What every effect passes: the neighbours as they are. */
  get #gate(): Gate {
    return {
      pass: async (effect, act) => {
        const [of = ""] = effect.split(".");
        if (of === "paddle" && this.isDown("paddle")) throw paddleDown();
        if (/^(records|queue|alerts)$/.test(of) && this.isDown("records")) throw recordsDown();
        const answer = await act();
        if (effect === "alerts.raise") await this.#tellNews();
        return answer;
      },
    };
  }

  #tellers() {
    const alerts: Alerts = { raise: (alert) => this.#raise(alert) };
    return { alerts, records: gatedRecords(this.world.records, this.#gate), log: SILENT };
  }

  /** As src/queue/worker.ts does it. */
  async #run(job: Job): Promise<void> {
    const { world } = this;
    try {
      const outcome = await world.run(job.work, this.#gate);
      const failures = this.#failures.get(job) ?? 0;
      await tellRecovery(
        { id: job.work.intent.id, name: job.work.job, attemptsMade: failures },
        job.work,
        this.now,
        this.#tellers(),
      );
      this.#inARow.delete(job);
      if (outcome.kind === "needs-person")
        this.trouble.push({ jobId: job.work.intent.id, what: "needs a person" });
    } catch (error) {
      if (!(error instanceof RotatorError)) throw error;
      const attempt = (this.#failures.get(job) ?? 0) + 1;
      this.#failures.set(job, attempt);
      const { intent, job: name } = job.work;
      await tellFailure(
        {
          job: { id: intent.id, name, opts: { attempts: ATTEMPTS } },
          work: job.work,
          attempt,
          error,
          reason: error.message,
          now: this.now,
        },
        this.#tellers(),
      );
      // Nobody can be told while the server that keeps the alerts does not answer.
      const isTellable = !this.isDown("records");
      const inARow = (this.#inARow.get(job) ?? 0) + 1;
      this.#inARow.set(job, inARow);
      if (inARow >= 3 && isTellable) this.trouble.push({ jobId: intent.id, what: "keeps failing" });
      job.dueAt = this.now + backoffMs(attempt, () => 0);
    }
  }

  async #sweep(): Promise<void> {
    this.#nextSweepAt = this.now + SWEEP_MS;
    const { account, records, clock, jobs, store, standbyStore, policy } = this.world;
    const alerts: Alerts = { raise: (alert) => this.#raise(alert) };
    const key = { name: "billing", store, standbyStore, policy, consumers: [], checks: [], standbyOf: null };
    await reconcile({
      keys: [key],
      settings: {
        everyMs: SWEEP_MS,
        silenceMs: SILENCE_MS,
        heartbeat: null,
        readWith: null,
        publicUrl: null,
      },
      paddle: gatedPaddle(simulatedPaddle(account), this.#gate),
      records: gatedRecords(records, this.#gate),
      alerts,
      clock,
      queue: jobs,
      accept: async () => "ignored",
      get: async () => {
        throw new Error("nothing is to be called");
      },
      log: this.#log,
    }).catch((error: unknown) => {
      if (!(error instanceof RotatorError)) throw error;
    });
  }

  async #raise(alert: Alert): Promise<void> {
    if (this.isDown("records")) throw recordsDown();
    const { alerts } = this.world;
    if (!alerts.some(({ id }) => id === alert.id)) alerts.push(alert);
    await this.#tellNews();
  }

  /** What the engine has told since the last time goes into the queue. */
  async #tellNews(): Promise<void> {
    const queue = await this.queue();
    for (let alert = this.world.alerts[this.#told]; alert; alert = this.world.alerts[this.#told]) {
      this.#told += 1;
      await queue.alerts.raise(alert);
    }
  }
}

function storeDown() {
  return new StoreError("memory does not answer", { effect: "none", retry: "later" });
}

function recordsDown() {
  return new QueueError("the records do not answer", { effect: "none", retry: "later" });
}

function paddleDown() {
  const none = { code: "timeout", status: null, effect: "unknown", retry: "later" } as const;
  return new PaddleError("Paddle gave no answer", none);
}
