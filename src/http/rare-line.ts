/** A flood fills no disk: of what strangers can cause, one line a minute. */
import type { Logger } from "pino";
import type { Clock } from "../core/ports.ts";

const TELL_EVERY_MS = 60_000;

/** One line a minute, with how many it stands for. */
export class RareLine {
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #says: string;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(deps: { readonly clock: Clock; readonly log: Logger }, says: string) {
    this.#deps = deps;
    this.#says = says;
  }

  /** @param fields of this one: those that are not told are counted only */
  tell(fields: Readonly<Record<string, string>>): void {
    this.#untold += 1;
    const now = this.#deps.clock.now();
    // Either way: a clock may be set back.
    if (Math.abs(now - this.#toldAt) < TELL_EVERY_MS) return;
    this.#deps.log.warn({ ...fields, count: this.#untold }, this.#says);
    this.#toldAt = now;
    this.#untold = 0;
  }
}
