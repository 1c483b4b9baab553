/** The queue in memory: jobs that are due, delayed, done or failed, with the facts that they keep over their runs. */
import type { Clock, Fact, Facts, Journal, WorkQueue } from "../../../src/core/ports.ts";
import type { Outcome, Work } from "../../../src/core/work.ts";

export type Job = {
  readonly work: Work;
  readonly journal: Journal;
  readonly sentences: readonly string[];
  /** Epoch milliseconds; null: over. */
  dueAt: number | null;
  outcome: Outcome | null;
};

export class Jobs implements WorkQueue {
  readonly #jobs = new Map<string, Job>();
  readonly #clock: Clock;
  readonly #show: (text: string) => void;

  /** @param show is told every text that a job keeps */
  constructor(clock: Clock, show: (text: string) => void) {
    this.#clock = clock;
    this.#show = show;
  }

  get all(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  async put(work: Work, { delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<void> {
    this.add(work, delayMs);
  }

  async isUnfinished(intentId: string): Promise<boolean> {
    const job = this.#jobs.get(intentId);
    return job !== undefined && job.dueAt !== null;
  }

  async knows(intentId: string): Promise<boolean> {
    return this.#jobs.has(intentId);
  }

  /** The same intent again adds nothing; if its job had failed, it is retried. */
  add(work: Work, delayMs = 0): Job {
    const known = this.#jobs.get(work.intent.id);
    if (known) {
      if (known.outcome?.kind === "needs-person") known.dueAt = this.#clock.now() + delayMs;
      return known;
    }
    this.#show(JSON.stringify(work));
    const sentences: string[] = [];
    const journal = this.#journal(sentences);
    const job = { work, journal, sentences, dueAt: this.#clock.now() + delayMs, outcome: null };
    this.#jobs.set(work.intent.id, job);
    return job;
  }

  /** The queue has not heard how the last run ended: the job is due now. */
  again({ intent }: Work): void {
    const job = this.#jobs.get(intent.id);
    if (job) job.dueAt = this.#clock.now();
  }

  /** The queue's server lost everything. */
  forget(): void {
    this.#jobs.clear();
  }

  /** The unfinished job that is due first, emergencies before others; null: all are over. */
  next(): Job | null {
    const now = this.#clock.now();
    const urgency = ({ work, dueAt }: Job) => [Math.max(now, dueAt ?? 0), work.job === "rotate" ? 1 : 0];
    const unfinished = this.all.filter(({ dueAt }) => dueAt !== null);
    const [first] = unfinished.toSorted((a, b) => {
      const [atA = 0, rankA = 0] = urgency(a);
      const [atB = 0, rankB = 0] = urgency(b);
      return atA - atB || rankA - rankB;
    });
    return first ?? null;
  }

  /** Writes down how a run ended. */
  settle(job: Job, outcome: Outcome): void {
    this.#show(JSON.stringify(outcome));
    job.outcome = outcome;
    job.dueAt = outcome.kind === "wait" ? outcome.at : null;
  }

  #journal(sentences: string[]): Journal {
    const facts: Record<string, Fact> = {};
    const clock = this.#clock;
    const show = this.#show;
    return {
      receivedAt: clock.now(),
      get facts(): Facts {
        return facts;
      },
      async note(name, { says, about }) {
        const fact: Fact = {
          at: facts[name]?.at ?? new Date(clock.now()).toISOString(),
          says,
          ...(about && { fingerprint: about.secret.fingerprint() }),
          ...(about?.issuedAt && { issuedAt: new Date(about.issuedAt).toISOString() }),
        };
        show(JSON.stringify(fact));
        facts[name] = fact;
        sentences.push(says);
      },
    };
  }
}
