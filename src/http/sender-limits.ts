/**
 * How often one sender may call for nothing. Whoever has shown a right to call, by a good signature or a token, is not
 * limited for a day: Paddle's storms of retries pass, and so does everything that comes through a proxy that nobody
 * named. The others share a bucket with their network, which bounds what strangers cost; memory is bounded by the number
 * of buckets.
 */
import type { Clock } from "../core/ports.ts";
import { networkOf } from "./network-address.ts";
import { isInside } from "./source-addresses.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** Of one network: 1,000 requests at once and 200 a second; Paddle has 6 addresses for each environment. */
export const ALL = { burst: 1_000, perSecond: 200, atMost: 10_000 };
/** Calls of one network for nothing: 50 at once and one a second. */
export const FAILURES = { burst: 50, perSecond: 1, atMost: 10_000 };
const TRUST_MS = 24 * 60 * 60_000;
const MOST_TRUSTED = 1_000;

export type Turn = { readonly kind: "admitted" } | { readonly kind: "limited"; readonly waitSeconds: number };

const ADMITTED = { kind: "admitted" } as const;

export class SenderLimits {
  readonly #clock: Clock;
  readonly #all: TokenBuckets;
  readonly #failures: TokenBuckets;
  /** Until when, by network, in the order in which they proved themselves. */
  readonly #trusted = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new TokenBuckets(clock, ALL);
    this.#failures = new TokenBuckets(clock, FAILURES);
  }

  /** Before anything of the request is read but its headers. */
  admit(address: string): Turn {
    const network = networkOf(address);
    // From inside comes a proxy, with what everybody sends through it: a limit would shut out Paddle as well.
    if (this.#isTrusted(network) || isInside(address)) return ADMITTED;
    const waitSeconds = this.#failures.waitSeconds(network);
    if (waitSeconds > 0) return { kind: "limited", waitSeconds };
    if (this.#all.take(network)) return ADMITTED;
    return { kind: "limited", waitSeconds: this.#all.waitSeconds(network) };
  }

  /** The sender has shown its right to: a good signature of now, a consumer's token. */
  proved(address: string): void {
    const network = networkOf(address);
    this.#trusted.delete(network);
    this.#trusted.set(network, this.#clock.now() + TRUST_MS);
    const [oldest] = this.#trusted.keys();
    if (this.#trusted.size > MOST_TRUSTED && oldest !== undefined) this.#trusted.delete(oldest);
  }

  /** It was called for nothing: whoever sends it has shown no right to. */
  failed(address: string): void {
    this.#failures.take(networkOf(address));
  }

  #isTrusted(network: string): boolean {
    const until = this.#trusted.get(network);
    return until !== undefined && this.#clock.now() < until;
  }
}
