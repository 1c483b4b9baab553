/**
 * The share of Paddle's rate limit that this process may use. The limit counts per source address (Paddle:
 * Rate limiting), so the customer's own traffic may draw on it too: we promise never to send more than our
 * share in any 60 seconds, and nothing at all while Paddle has asked for silence.
 *
 * A twelfth of the share is kept for emergencies: ordinary requests stop short of it, urgent ones may use it.
 * Urgent requests go before ordinary ones; among equals it is first come, first served.
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

/** `urgent`: for emergencies. Everything else is ordinary. */
export type Urgency = "urgent" | "ordinary";

/** The part of the share that only urgent requests may use, rounded down: of 60, what one revoke-first needs. */
const RESERVED = 1 / 12;

type Waiter = { readonly giveUpAt: number; readonly leave: (granted: boolean) => void };

/** Those who wait with one urgency, in the order in which they came. */
type Lane = { readonly perMinute: number; readonly waiters: Waiter[] };

export class Budget {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #lanes: Readonly<Record<Urgency, Lane>>;
  #history: History = { sentAt: [], silence: null };
  /** Called off when it is time to look again at another time. */
  #alarm = new AbortController();

  /** @param perMinute how many requests any 60 seconds may hold, at least 1 */
  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#lanes = {
      urgent: { perMinute, waiters: [] },
      ordinary: { perMinute: perMinute - Math.floor(perMinute * RESERVED), waiters: [] },
    };
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
  async take(maxWaitMs: number, signal: AbortSignal, urgency: Urgency = "ordinary"): Promise<boolean> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const { waiters } = this.#lanes[urgency];
    const waiter = { giveUpAt: this.#clock.now() + maxWaitMs, leave: resolve };
    waiters.push(waiter);
    using _ = addAbortListener(signal, () => {
      const place = waiters.indexOf(waiter);
      if (place === -1) return; // It has its answer already.
      waiters.splice(place, 1);
      reject(signal.reason);
      this.#serve();
    });
    this.#serve();
    return await promise;
  }

  /** Lets go whoever may go now, tells whoever waits in vain, and looks again when the next one may go. */
  #serve(): void {
    const { urgent, ordinary } = this.#lanes;
    // Where an urgent request has no room, an ordinary one has none either.
    const nextAt = Math.min(this.#serveLane(urgent), this.#serveLane(ordinary));
    this.#alarm.abort();
    if (nextAt === Infinity) return;
    this.#alarm = new AbortController();
    this.#clock.sleep(nextAt - this.#clock.now(), this.#alarm.signal).then(
      () => this.#serve(),
      () => {}, // Called off.
    );
  }

  /**
   * Returns when the first of those who still wait may go; Infinity: nobody waits. Those behind came later, so
   * none of them is told too late.
   */
  #serveLane({ perMinute, waiters }: Lane): number {
    for (let first = waiters[0]; first; first = waiters[0]) {
      const now = this.#clock.now();
      const slotAt = nextSlotAt(this.#history, now, perMinute);
      if (slotAt <= first.giveUpAt && slotAt > now) return slotAt;
      waiters.shift();
      const granted = slotAt <= first.giveUpAt;
      if (granted)
        this.#history = { ...this.#history, sentAt: [...this.#history.sentAt, now].slice(-this.#perMinute) };
      first.leave(granted);
    }
    return Infinity;
  }
}
