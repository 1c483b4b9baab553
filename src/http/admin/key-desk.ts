/**
 * What people and programs may learn of the managed keys and ask for: the one desk behind every route and page.
 * It answers within seconds however its neighbours behave, and all it answers is public text.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { PaddleError, RotatorError, StoreError } from "../../core/errors.ts";
import type { ManagedKey } from "../../core/managed-key.ts";
import type { Clock, PaddleApi, WorkQueue } from "../../core/ports.ts";
import { activeKeyId, type Slots } from "../../core/slots.ts";
import { withDeadline } from "./deadline.ts";
import {
  type KeyDetail,
  type KeyView,
  type PaddleView,
  viewAnswer,
  viewKey,
  viewUnreachable,
} from "./key-view.ts";

const STORE_DEADLINE_MS = 3_000;
const PADDLE_DEADLINE_MS = 5_000;

export type RotationRequest = {
  /** 0 to 86,400; left out: the key's own grace. */
  readonly graceSeconds?: number | undefined;
  /** Who asks, in words for the log. */
  readonly askedBy: string;
};

/** `why` is public text and says what to do. */
export type RotationAnswer =
  | { readonly kind: "queued"; readonly jobId: string }
  | { readonly kind: "unknown-key" }
  | { readonly kind: "cannot-rotate"; readonly why: string }
  | { readonly kind: "store-unavailable"; readonly why: string }
  /** The queue did not say in time that it has the job; it may have it all the same. */
  | { readonly kind: "queue-unavailable"; readonly why: string; readonly jobId: string };

export type KeyDeskDeps = {
  readonly keys: readonly ManagedKey[];
  readonly workQueue: WorkQueue;
  readonly paddle: Pick<PaddleApi, "ask">;
  readonly clock: Clock;
  readonly log: Logger;
};

export class KeyDesk {
  readonly #keys: ReadonlyMap<string, ManagedKey>;
  readonly #workQueue: WorkQueue;
  readonly #paddle: Pick<PaddleApi, "ask">;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(deps: KeyDeskDeps) {
    this.#keys = new Map(deps.keys.map((key) => [key.name, key]));
    this.#workQueue = deps.workQueue;
    this.#paddle = deps.paddle;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** The configured names, in the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** Every key as its store has it. Paddle is not asked. */
  list(): Promise<readonly KeyView[]> {
    return Promise.all([...this.#keys.values()].map(async (key) => (await this.#look(key)).view));
  }

  /** One key as its store and Paddle have it; null: no key has this name. */
  async find(name: string): Promise<KeyDetail | null> {
    const key = this.#keys.get(name);
    if (!key) return null;
    const { view, slots } = await this.#look(key);
    return { ...view, paddle: await this.#askPaddle(key, slots) };
  }

  /** Queues a graceful rotation of the key that the store has as active now. */
  async requestRotation(name: string, request: RotationRequest): Promise<RotationAnswer> {
    const key = this.#keys.get(name);
    if (!key) return { kind: "unknown-key" };
    let slots: Slots;
    try {
      slots = await this.#readSlots(key);
    } catch (error) {
      return { kind: "store-unavailable", why: this.#tell(key, "The store could not be read", error) };
    }
    const keyId = activeKeyId(slots);
    if (keyId === null) return { kind: "cannot-rotate", why: whyNot(key, slots) };
    return this.#queueRotation(key, keyId, request);
  }

  async #queueRotation(key: ManagedKey, keyId: string, request: RotationRequest): Promise<RotationAnswer> {
    const { graceSeconds, askedBy } = request;
    const jobId = `manual-${randomUUID()}`;
    try {
      await this.#workQueue.put({
        job: "rotate",
        keyName: key.name,
        keyId,
        intent: { id: jobId, kind: "manual", requestedAt: this.#clock.now() },
        eventId: null,
        ...(graceSeconds !== undefined && { graceSeconds }),
      });
    } catch (error) {
      return {
        kind: "queue-unavailable",
        why: this.#tell(key, "The queue did not take the job", error),
        jobId,
      };
    }
    this.#log.info({ key: key.name, keyId, jobId, askedBy, graceSeconds }, "rotation asked for");
    return { kind: "queued", jobId };
  }

  async #look(key: ManagedKey): Promise<{ view: KeyView; slots: Slots | null }> {
    try {
      const slots = await this.#readSlots(key);
      return { view: viewKey(key, slots, this.#clock.now()), slots };
    } catch (error) {
      return {
        view: viewUnreachable(key, this.#tell(key, "The store could not be read", error)),
        slots: null,
      };
    }
  }

  async #readSlots(key: ManagedKey): Promise<Slots> {
    const { slots } = await withDeadline(this.#clock, STORE_DEADLINE_MS, key.store.read(), () => {
      const message = `${key.store.location} did not answer within ${STORE_DEADLINE_MS / 1000} s`;
      return new StoreError(message, { effect: "none", retry: "later" });
    });
    return slots;
  }

  async #askPaddle(key: ManagedKey, slots: Slots | null): Promise<PaddleView> {
    const active = slots?.active;
    const keyId = slots && activeKeyId(slots);
    if (!active || !keyId)
      return { answer: "none", explanation: "Not asked: no active secret with a key id is known." };
    try {
      // Only ever with the active secret: the first use of a pending one would activate it.
      const asked = this.#paddle.ask(keyId, active.secret);
      const answer = await withDeadline(this.#clock, PADDLE_DEADLINE_MS, asked, () => {
        const message = `Paddle did not answer within ${PADDLE_DEADLINE_MS / 1000} s`;
        return new PaddleError(message, { code: "timeout", status: null, effect: "none", retry: "later" });
      });
      return answer.accepted ? viewAnswer(answer.key) : { answer: "refused", explanation: REFUSED };
    } catch (error) {
      return { answer: "none", explanation: this.#tell(key, "Paddle could not be asked", error) };
    }
  }

  /** What may be shown of an error: our own are written to be read; all others stay in the log. */
  #tell(key: ManagedKey, what: string, error: unknown): string {
    if (error instanceof RotatorError) return error.message;
    this.#log.error({ err: error, key: key.name }, what);
    return `${what}; the rotator's log says why`;
  }
}

const REFUSED =
  "Paddle refuses the active secret: the key was revoked, has expired, or somebody else rotated it. " +
  "Look at the key in Paddle > Developer tools > Authentication.";

function whyNot(key: ManagedKey, slots: Slots): string {
  const where = key.store.location;
  if (!slots.active)
    return `${where} holds no active secret. Put the secret of a Paddle API key there and ask again.`;
  return (
    `The active secret in ${where} carries no key id: it is a legacy key, which cannot be rotated. ` +
    "Create a new key that can (Paddle > Developer tools > Authentication), put it there and ask again."
  );
}
