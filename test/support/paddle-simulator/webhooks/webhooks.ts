/** The delivery of every event to each destination: at least once, in no promised order. */
import { Agent } from "undici";
import type { Account, PaddleEvent } from "../account/account.ts";
import type { SimulatorClock } from "../clock.ts";
import type { Destination } from "../account/destinations.ts";
import { eventBody } from "../events.ts";
import { type Attempt, attempt, isSuccess } from "./attempt.ts";
import { retryDelayMs } from "./retry.ts";

export type Delivery = {
  /** `ntf_…`: its own for each destination. */
  readonly id: string;
  readonly destinationId: string;
  readonly event: PaddleEvent;
  /** The same bytes at every attempt. */
  readonly body: string;
  readonly status: "waiting" | "delivered" | "failed";
  readonly attempts: readonly Attempt[];
  /** Epoch milliseconds; null: no more, or under way. */
  readonly nextAttemptAt: number | null;
};

type Tracked = {
  -readonly [Field in keyof Delivery]: Delivery[Field];
} & { readonly attempts: Attempt[]; readonly destination: Destination; duplicatesLeft: number };

export class Webhooks {
  readonly #account: Account;
  readonly #clock: SimulatorClock;
  readonly #dispatcher = new Agent();
  readonly #deliveries: Tracked[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #published = 0;
  #isClosed = false;

  constructor(account: Account, clock: SimulatorClock) {
    this.#account = account;
    this.#clock = clock;
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  /** Starts every attempt that is due by the clock. */
  pump(): void {
    if (this.#isClosed) return;
    this.#publish();
    const now = this.#clock.now();
    const due = this.#deliveries.filter(({ nextAttemptAt: at }) => at !== null && at <= now);
    for (const delivery of due) delivery.nextAttemptAt = null;
    if (due.length === 0) return;
    if (this.#account.switches.webhookOrder === "newest-first")
      this.#track(this.#tryInTurn(due.toReversed()));
    else for (const delivery of due) this.#track(this.#try(delivery));
  }

  /** Resolves once nothing is under way and nothing is due by the clock. Retries that lie ahead are not waited for. */
  async settled(): Promise<void> {
    for (this.pump(); this.#underWay.size > 0; this.pump()) await Promise.all(this.#underWay);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#dispatcher.destroy();
    await Promise.all(this.#underWay);
  }

  #publish(): void {
    const { destinations, events, mint, switches } = this.#account;
    for (const event of events.slice(this.#published)) {
      for (const destination of destinations) {
        if (!destination.active || !destination.events.includes(event.type)) continue;
        if (destination.trafficSource === "simulation") continue;
        const id = mint.id("ntf", event.occurredAt);
        const { id: eventId, type, data, occurredAt } = event;
        this.#deliveries.push({
          id,
          destinationId: destination.id,
          destination,
          event,
          body: eventBody(type, data, { eventId, notificationId: id, occurredAt }),
          status: "waiting",
          attempts: [],
          nextAttemptAt: occurredAt + switches.webhookDelayMs,
          duplicatesLeft: switches.webhookDuplicates,
        });
      }
    }
    this.#published = events.length;
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  async #tryInTurn(deliveries: readonly Tracked[]): Promise<void> {
    for (const delivery of deliveries) await this.#try(delivery);
  }

  async #try(delivery: Tracked): Promise<void> {
    const { environment, switches } = this.#account;
    const at = this.#clock.now();
    const { url, secret } = delivery.destination;
    const outcome = await attempt(
      { url, secret, body: delivery.body },
      { ts: Math.floor(this.#clock.base.now() / 1000), switches, dispatcher: this.#dispatcher },
    );
    delivery.attempts.push({ at, ...outcome });
    if (isSuccess(outcome.status, switches)) {
      delivery.status = "delivered";
      if (delivery.duplicatesLeft > 0) delivery.nextAttemptAt = at;
      delivery.duplicatesLeft -= 1;
      return;
    }
    if (delivery.status === "delivered") return;
    const delayMs = retryDelayMs(delivery.attempts.length, environment, switches);
    if (delayMs === null) delivery.status = "failed";
    else delivery.nextAttemptAt = this.#clock.now() + delayMs;
  }
}
