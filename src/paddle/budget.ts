/**
 * The share of Paddle's rate limit that this process may use. The limit counts per source address (Paddle:
 * Rate limiting), so the customer's own traffic may draw on it too: we promise never to send more than our
 * share in any 60 seconds, and nothing at all while Paddle has asked for silence. First come, first served.
 */
import { addAbortListener } from "node:events";
import type { Clock } from "../core/ports.ts";

const WINDOW_MS = 60_000;

export type History = {
  /** When requests were let through, epoch milliseconds, oldest first. */
  readonly sentAt: readonly number[];
  /** The silence that Paddle asked for last, epoch milliseconds; null: it never did. */
  readonly silence: { readonly from: number; readonly until: number } | null;
};

/**
 * When the next request may be sent, epoch milliseconds: `now` or later.
 *
 * @param perMinute how many requests any 60 seconds may hold
 */
export function nextSlotAt(history: History, now: number, perMinute: number): number {
  // Times ahead of now are left over from a clock that has been set back; they say nothing any more.
  const leaver = history.sentAt.filter((at) => at <= now).at(-perMinute);
  const roomAt = leaver === undefined ? now : leaver + WINDOW_MS;
  return Math.max(roomAt, silentUntil(history, now));
}

/** When Paddle's silence ends, epoch milliseconds; `now`: there is none. */
function silentUntil({ silence }: History, now: number): number {
  return silence && silence.from <= now ? Math.max(silence.until, now) : now;
}

export class Budget {
  readonly #clock: Clock;
  readonly #perMinute: number;
  #history: History = { sentAt: [], silence: null };
  /** Settles once everybody who waits has left. */
  #queue: Promise<void> = Promise.resolve();

  /** @param perMinute how many requests any 60 seconds may hold, at least 1 */
  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Whether Paddle has asked for a silence that is not over yet. */
  get silent(): boolean {
    const now = this.#clock.now();
    return silentUntil(this.#history, now) > now;
  }

  /** Lets nothing through for `ms` from now on, not even those who wait already. A longer silence stays. */
  fallSilent(ms: number): void {
    const from = this.#clock.now();
    const until = Math.max(silentUntil(this.#history, from), from + ms);
    this.#history = { ...this.#history, silence: { from, until } };
  }

  /**
   * Waits for leave to send one request. false: there is none within `maxWaitMs`, which is said at once where
   * it is plain from the start. Rejects with the signal's reason once it aborts.
   */
  async take(maxWaitMs: number, signal: AbortSignal): Promise<boolean> {
    const giveUpAt = this.#clock.now() + maxWaitMs;
    const before = this.#queue;
    const left = Promise.withResolvers<void>();
    this.#queue = before.then(() => left.promise);
    try {
      await unlessAborted(before, signal);
      return await this.#serve(giveUpAt, signal);
    } finally {
      left.resolve();
    }
  }

  /** The turn of whoever is first in the queue. Those behind came later, so none of them is told too late. */
  async #serve(giveUpAt: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const now = this.#clock.now();
      const slotAt = nextSlotAt(this.#history, now, this.#perMinute);
      if (slotAt > giveUpAt) return false;
      if (slotAt <= now) {
        this.#history = { ...this.#history, sentAt: [...this.#history.sentAt, now].slice(-this.#perMinute) };
        return true;
      }
      await this.#clock.sleep(slotAt - now, signal);
    }
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  using _ = addAbortListener(signal, () => aborted.reject(signal.reason));
  await Promise.race([promise, aborted.promise]);
}
