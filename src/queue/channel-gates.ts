/** Lets a few alerts at a time into each channel of this process, and none while the channel wants to be left alone. */

export type Pass =
  | { readonly kind: "go"; readonly leave: () => void }
  /** Epoch milliseconds. */
  | { readonly kind: "wait"; readonly until: number };

type Rules = {
  readonly atOnce: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** From 0 (included) to 1. */
  readonly random: () => number;
};

/** How soon one that finds a channel busy comes again. */
const BUSY_MS = 1_000;
/** Those that wait for the same end of a silence come back spread over this time. */
const SPREAD_MS = 2_000;

export class ChannelGates {
  readonly #rules: Rules;
  readonly #inside = new Map<string, number>();
  readonly #closedUntil = new Map<string, number>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  enter(channel: string): Pass {
    const { atOnce, now, random } = this.#rules;
    const closedUntil = this.#closedUntil.get(channel) ?? 0;
    if (now() < closedUntil) return { kind: "wait", until: Math.ceil(closedUntil + SPREAD_MS * random()) };
    const inside = this.#inside.get(channel) ?? 0;
    if (inside >= atOnce) return { kind: "wait", until: Math.ceil(now() + BUSY_MS * (1 + random())) };
    this.#inside.set(channel, inside + 1);
    return { kind: "go", leave: () => this.#inside.set(channel, (this.#inside.get(channel) ?? 1) - 1) };
  }

  /** Keeps everybody out for `ms` milliseconds, and returns when that is over. */
  close(channel: string, ms: number): number {
    const until = Math.max(this.#rules.now() + ms, this.#closedUntil.get(channel) ?? 0);
    this.#closedUntil.set(channel, until);
    return until;
  }
}
