/** Counts requests per source address in windows of a minute (Paddle's docs, "Rate limiting"). */

const WINDOW_MS = 60_000;

type Window = { readonly endsAt: number; used: number };

export class RateLimit {
  readonly #perMinute: number | null;
  readonly #windows = new Map<string, Window>();

  /** @param perMinute null: no limit */
  constructor(perMinute: number | null) {
    this.#perMinute = perMinute;
  }

  /** Counts one request. Returns the seconds after which to come again, or null if it may pass. */
  take(source: string, now: number): number | null {
    if (this.#perMinute === null) return null;
    const window = this.#windowOf(source, now);
    if (window.used >= this.#perMinute) return Math.ceil((window.endsAt - now) / 1000);
    window.used += 1;
    return null;
  }

  #windowOf(source: string, now: number): Window {
    const open = this.#windows.get(source);
    if (open && now < open.endsAt) return open;
    const fresh = { endsAt: now + WINDOW_MS, used: 0 };
    this.#windows.set(source, fresh);
    return fresh;
  }
}
