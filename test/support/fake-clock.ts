/**
 * A clock whose hands a test holds. Time moves only by `advance`, which wakes sleepers one by one in the order
 * of their wake-up times (first come, first woken where these are equal) and lets each one run on, and perhaps
 * sleep again, before the next one wakes. So a test sees the same order of events every time.
 */
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import type { Clock } from "../../src/core/ports.ts";

type Sleeper = { wakeAt: number; readonly wake: () => void };

export class FakeClock implements Clock {
  #now: number;
  /** In the order in which they will wake. */
  readonly #sleepers: Sleeper[] = [];
  readonly #watchers = new Set<() => void>();

  /** @param now epoch milliseconds at which the clock stands */
  constructor(now = Date.UTC(2026, 10, 21)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Epoch milliseconds at which the next sleeper wakes; null: nobody sleeps. */
  get nextWakeAt(): number | null {
    return this.#sleepers[0]?.wakeAt ?? null;
  }

  /** As `Clock.sleep`. A sleep of no time at all still ends only with the next `advance`, be it by 0 ms. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#remove(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakeAt: this.#now + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#insert(sleeper);
    });
  }

  /**
   * Moves the clock on by `ms`. Resolves once every sleeper that was due has woken and run as far as it
   * gets without real input or output; sleepers that they add are woken too if they are due by then.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turnOfTheEventLoop();
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.#remove(next);
      this.#now = next.wakeAt;
      next.wake();
      await turnOfTheEventLoop();
    }
    this.#now = until;
  }

  /** Sets the hands back by `ms`, as a person does. Whoever sleeps wakes up no later for it. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const sleeper of this.#sleepers) sleeper.wakeAt -= ms;
  }

  /** Resolves as soon as at least `count` sleep: for code that does real input or output before it sleeps. */
  async untilSleeping(count = 1): Promise<void> {
    while (this.#sleepers.length < count) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  #due(until: number): Sleeper | undefined {
    const next = this.#sleepers[0];
    return next && next.wakeAt <= until ? next : undefined;
  }

  #insert(sleeper: Sleeper): void {
    const before = this.#sleepers.findIndex((other) => other.wakeAt > sleeper.wakeAt);
    this.#sleepers.splice(before === -1 ? this.#sleepers.length : before, 0, sleeper);
    for (const watcher of this.#watchers) watcher();
  }

  #remove(sleeper: Sleeper): void {
    const at = this.#sleepers.indexOf(sleeper);
    if (at !== -1) this.#sleepers.splice(at, 1);
  }
}
