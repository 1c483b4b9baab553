/** A WorkQueue in memory, which a test can take down or make slow. */
import { QueueError } from "../../src/core/errors.ts";
import type { WorkQueue } from "../../src/core/ports.ts";
import type { Work } from "../../src/core/work.ts";

export class MemoryWorkQueue implements WorkQueue {
  /** `down`: refuses at once. `silent`: gives up once the test calls `giveUp`. */
  state: "up" | "down" | "silent" = "up";
  readonly #silence = Promise.withResolvers<never>();
  /** What was put, as often as it was put. */
  readonly puts: Work[] = [];
  readonly #jobs = new Map<string, Work>();

  /** One job per intent, as the first put had it. */
  get jobs(): readonly Work[] {
    return [...this.#jobs.values()];
  }

  async put(work: Work): Promise<void> {
    this.puts.push(work);
    if (this.state === "down") throw new QueueError("the queue is down", { effect: "none", retry: "later" });
    if (this.state === "silent") await this.#silence.promise;
    if (!this.#jobs.has(work.intent.id)) this.#jobs.set(work.intent.id, work);
  }

  async isUnfinished(intentId: string): Promise<boolean> {
    return this.#jobs.has(intentId);
  }

  async knows(intentId: string): Promise<boolean> {
    return this.#jobs.has(intentId);
  }

  /** The end of the time that a queue is given. */
  giveUp(): void {
    this.#silence.reject(new QueueError("the queue was too slow", { effect: "unknown", retry: "later" }));
  }
}
