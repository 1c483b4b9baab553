/** A job about a key as people are shown it. It holds no secret. */
import type { Facts } from "./ports.ts";
import type { Work } from "./work.ts";

export type JobView = {
  /** Its id is the job's id. */
  readonly work: Work;
  readonly queue: "rotations" | "emergencies" | "upkeep";
  /** `failed`: it waits for a person, or for its event to be delivered again. */
  readonly state: "waiting" | "running" | "delayed" | "failed";
  /** Epoch milliseconds: about when it goes on by itself; null: now, or never. */
  readonly nextAt: number | null;
  /** 0 to 100. */
  readonly percent: number;
  /** How often it was begun and did not reach an end. */
  readonly attempts: number;
  /** Why it failed last, in public words; null: it did not. */
  readonly failure: string | null;
  readonly facts: Facts;
};

/** What the queue has to do, and what it could not do. Throws QueueError. */
export interface JobList {
  /** Jobs about keys that have no end yet, and those that failed; newest first, at most a few hundred. */
  unfinished(): Promise<readonly JobView[]>;
}
