/** How often the instances of one consumer may report: all at once after a roll-out, and ten a second from then on. */
import { MAX_INSTANCES } from "../core/consumer.ts";
import type { Clock } from "../core/ports.ts";

/** As many as there may be instances, so that a whole roll-out can report at once. */
const BURST = MAX_INSTANCES;
/** Enough for that many instances that report every two minutes. */
const PER_SECOND = 10;

type Bucket = { readonly tokens: number; readonly at: number };

/** One bucket for each consumer, in this process. */
export class AttestationLimit {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes leave for one attestation; false: not now. */
  take(consumer: string): boolean {
    const now = this.#clock.now();
    const former = this.#buckets.get(consumer) ?? { tokens: BURST, at: now };
    const gained = (Math.max(0, now - former.at) / 1_000) * PER_SECOND;
    const tokens = Math.min(BURST, former.tokens + gained);
    this.#buckets.set(consumer, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }
}
