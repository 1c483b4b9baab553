/** Paddle's webhooks on their way: lost, late, twice, in any order, and again when they are not taken. */
import type { PaddleEvent } from "../support/paddle-simulator/account/account.ts";
import { eventBody } from "../support/paddle-simulator/events.ts";
import { signWebhook } from "../support/paddle-simulator/sign.ts";
import type { Received } from "../../src/webhook/receive.ts";

const MINUTE_MS = 60_000;
const SOON_MS = 5_000;
const LATE_MS = 180 * MINUTE_MS;
const AGAIN_MS = 30 * MINUTE_MS;
/** In a day and a half; after that only the list of events knows. */
const ATTEMPTS = 60;
export const ENDPOINT_SECRET = "pdl_ntfset_01kaa1b2c3d4e5f6g7h8j9k0mn_soak";

type Letter = { readonly event: PaddleEvent; dueAt: number; attempts: number };

export class Post {
  /** Letters that never came. */
  lost = 0;
  delivered = 0;
  /** Everything is lost until then, epoch milliseconds. */
  silentUntil = 0;
  readonly #random: () => number;
  readonly #underWay: Letter[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  send(event: PaddleEvent, now: number): void {
    const fate = this.#random();
    const within = (ms: number) => now + Math.floor(this.#random() * ms);
    if (fate < 0.06 || now < this.silentUntil) {
      this.lost += 1;
      return;
    }
    this.#underWay.push({ event, dueAt: within(fate < 0.14 ? LATE_MS : SOON_MS), attempts: 0 });
    if (fate > 0.9) this.#underWay.push({ event, dueAt: within(AGAIN_MS), attempts: 0 });
  }

  /** Epoch milliseconds; Infinity: nothing is under way. */
  get nextAt(): number {
    return this.#underWay.reduce((first, { dueAt }) => Math.min(first, dueAt), Infinity);
  }

  async deliverNext(now: number, take: (webhook: Received) => Promise<{ status: number }>): Promise<void> {
    const dueAt = this.nextAt;
    const index = this.#underWay.findIndex((letter) => letter.dueAt === dueAt);
    const letter = this.#underWay[index];
    if (!letter) return;
    const { id: eventId, type, data, occurredAt } = letter.event;
    const rawBody = Buffer.from(eventBody(type, data, { eventId, occurredAt }));
    const signatureHeader = signWebhook(ENDPOINT_SECRET, rawBody, Math.floor(now / 1_000));
    const { status } = await take({ rawBody, signatureHeader });
    letter.attempts += 1;
    letter.dueAt = now + AGAIN_MS;
    if (status !== 200 && letter.attempts < ATTEMPTS) return;
    this.#underWay.splice(index, 1);
    if (status === 200) this.delivered += 1;
    else this.lost += 1;
  }
}
