/** How often somebody may do something: as much as a bucket holds at once, and as it fills again from then on. */
import type { Clock } from "../core/ports.ts";

export type BucketTerms = {
  /** What a full bucket holds. */
  readonly burst: number;
  readonly perSecond: number;
  /** Beyond so many buckets the one that was longest untouched is forgotten, which makes it full. */
  readonly atMost: number;
};

type Bucket = { readonly tokens: number; readonly at: number };

/** One bucket for each name, in this process. */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #terms: BucketTerms;
  /** In the order in which they were touched. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, terms: BucketTerms) {
    this.#clock = clock;
    this.#terms = terms;
  }

  /** Takes one token; false: there is none, and nothing is taken. */
  take(name: string): boolean {
    const tokens = this.#tokens(name);
    const isThere = tokens >= 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isThere ? tokens - 1 : tokens, at: this.#clock.now() });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#terms.atMost && oldest !== undefined) this.#buckets.delete(oldest);
    return isThere;
  }

  /** How long until there is a token, in seconds; 0: there is one. */
  waitSeconds(name: string): number {
    return Math.max(0, (1 - this.#tokens(name)) / this.#terms.perSecond);
  }

  #tokens(name: string): number {
    const { burst, perSecond } = this.#terms;
    const former = this.#buckets.get(name);
    if (!former) return burst;
    // Either way: a clock that was set back must not keep anybody waiting until it is there again.
    const gained = (Math.abs(this.#clock.now() - former.at) / 1_000) * perSecond;
    return Math.min(burst, former.tokens + gained);
  }
}
