/**
 * From which addresses webhooks are taken: everybody's, whose signature then decides, or those of a list. Paddle's own
 * list is what it published and what the last sweep of any instance read, together: neither alone can shut Paddle out.
 */
import type { Logger } from "pino";
import { z } from "zod";
import { describeError } from "../core/public-error.ts";
import type { Clock, Json } from "../core/ports.ts";
import { PUBLISHED_SOURCES, SOURCES_ENVIRONMENTS } from "../core/webhook-sources.ts";
import { Networks } from "./source-addresses.ts";

export type AllowedSources = {
  /** Networks that may send, besides Paddle's. */
  readonly networks: readonly string[];
  /** True: those of Paddle. */
  readonly paddle: boolean;
};

export type WebhookSourcesDeps = {
  /** What the sweep noted of Paddle's list for an environment; undefined: nothing yet. Throws QueueError. */
  readonly noted: (environment: (typeof SOURCES_ENVIRONMENTS)[number]) => Promise<Json | undefined>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Whoever is refused makes us look whether the list has changed, and not more often than this. */
const LOOK_EVERY_MS = 60_000;

const Noted = z.array(z.string()).max(256);

export class WebhookSources {
  readonly #deps: WebhookSourcesDeps;
  readonly #allowed: AllowedSources;
  readonly #fixed: Networks;
  #noted = new Networks([]);
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> = Promise.resolve();

  constructor(allowed: AllowedSources, deps: WebhookSourcesDeps) {
    this.#deps = deps;
    this.#allowed = allowed;
    this.#fixed = new Networks([...allowed.networks, ...(allowed.paddle ? PUBLISHED_SOURCES : [])]);
  }

  /** Never throws: what cannot be read is as it was read last. */
  async allows(address: string): Promise<boolean> {
    if (this.#fixed.has(address) || this.#noted.has(address)) return true;
    if (!this.#allowed.paddle) return false;
    const now = this.#deps.clock.now();
    if (Math.abs(now - this.#lookedAt) >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#looking = this.#look();
    }
    await this.#looking;
    return this.#noted.has(address);
  }

  async #look(): Promise<void> {
    try {
      const noted = await Promise.all(SOURCES_ENVIRONMENTS.map(this.#deps.noted));
      this.#noted = new Networks(noted.flatMap((list) => Noted.safeParse(list).data ?? []));
    } catch (error) {
      this.#deps.log.warn(
        { reason: describeError(error) },
        "Paddle's webhook addresses could not be read from the records; the last known ones hold",
      );
    }
  }
}
