/**
 * The queue of work in memory: jobs that are due, delayed, over or waiting for a person, each with its facts. What is
 * over is forgotten as the real queues forget it, by age and by number, so that ids can come again.
 */
import { QueueError } from "../../src/core/errors.ts";
import type { Clock, Fact, Facts, Journal, WorkQueue } from "../../src/core/ports.ts";
import type { Outcome, Work } from "../../src/core/work.ts";

export type Job = {
  readonly work: Work;
  readonly journal: Journal;
  dueAt: number;
  /** Of its life, and since a run went well. */
  failures: number;
  failuresInARow: number;
};

type Over = { readonly at: number; readonly work: Work | null };

export class SoakQueue implements WorkQueue {
  isDown: () => boolean = () => false;
  /** The most jobs that were ever kept after their end. */
  mostKept = 0;
  readonly #clock: Clock;
  readonly #show: (text: string) => void;
  readonly #keptMs: number;
  readonly #kept: number;
  readonly #unfinished = new Map<string, Job>();
  /** In the order of their ends. A job that waits for a person keeps its work. */
  readonly #over = new Map<string, Over>();

  constructor(clock: Clock, options: { keptMs: number; kept: number; show: (text: string) => void }) {
    this.#clock = clock;
    this.#show = options.show;
    this.#keptMs = options.keptMs;
    this.#kept = options.kept;
  }

  get unfinished(): readonly Job[] {
    return [...this.#unfinished.values()];
  }

  get kept(): number {
    return this.#over.size;
  }

  /** The job that is due first, emergencies before others; null: nothing is to be done. */
  get next(): Job | null {
    let first: Job | null = null;
    const now = this.#clock.now();
    const rank = ({ work, dueAt }: Job) => Math.max(now, dueAt) + (work.job === "rotate" ? 0.5 : 0);
    for (const job of this.#unfinished.values()) if (!first || rank(job) < rank(first)) first = job;
    return first;
  }

  async put(work: Work, { delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<void> {
    this.#answer();
    const { id } = work.intent;
    const over = this.#over.get(id);
    if (this.#unfinished.has(id) || (over && over.work === null)) return;
    this.#over.delete(id);
    this.#show(JSON.stringify(work));
    const dueAt = this.#clock.now() + delayMs;
    const job = { work, journal: this.#journal(), dueAt, failures: 0, failuresInARow: 0 };
    this.#unfinished.set(id, job);
  }

  async isUnfinished(intentId: string): Promise<boolean> {
    this.#answer();
    return this.#unfinished.has(intentId);
  }

  async knows(intentId: string): Promise<boolean> {
    this.#answer();
    return this.#unfinished.has(intentId) || this.#over.has(intentId);
  }

  kindOf(intentId: string): Work["intent"]["kind"] | undefined {
    return this.#unfinished.get(intentId)?.work.intent.kind;
  }

  settle(job: Job, outcome: Outcome): void {
    this.#show(JSON.stringify(outcome));
    if (outcome.kind === "wait") {
      job.dueAt = outcome.at;
      return;
    }
    const { id } = job.work.intent;
    const now = this.#clock.now();
    this.#unfinished.delete(id);
    this.#over.set(id, { at: now, work: outcome.kind === "needs-person" ? job.work : null });
    this.mostKept = Math.max(this.mostKept, this.#over.size);
    for (const [oldest, { at }] of this.#over) {
      if (this.#over.size <= this.#kept && now - at <= this.#keptMs) break;
      this.#over.delete(oldest);
    }
  }

  #answer(): void {
    if (this.isDown()) throw new QueueError("the queue does not answer", { effect: "none", retry: "later" });
  }

  #journal(): Journal {
    const facts: Record<string, Fact> = {};
    const [clock, show] = [this.#clock, this.#show];
    return {
      receivedAt: clock.now(),
      get facts(): Facts {
        return facts;
      },
      async note(name, { says, about }) {
        facts[name] = {
          at: facts[name]?.at ?? new Date(clock.now()).toISOString(),
          says,
          ...(about && { fingerprint: about.secret.fingerprint() }),
          ...(about?.issuedAt && { issuedAt: new Date(about.issuedAt).toISOString() }),
        };
        show(says);
      },
    };
  }
}
