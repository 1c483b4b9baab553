/**
 * Whoever the desk asks: the stores, Paddle, the queue. Each is waited for so long and no longer, all of them together
 * for less than the listener waits for the desk; so whoever asks hears from us what was done, and not from a deadline.
 */
import type { Logger } from "pino";
import { PaddleError, QueueError, RotatorError, StoreError } from "../../../core/errors.ts";
import type { ManagedKey } from "../../../core/managed-key.ts";
import type { ApiKey } from "../../../core/paddle-key.ts";
import type {
  Clock,
  KeyAnswer,
  PaddleApi,
  PlatformRotation,
  Records,
  Version,
  WorkQueue,
} from "../../../core/ports.ts";
import { publicError } from "../../../core/public-error.ts";
import type { Secret } from "../../../core/secret.ts";
import type { Slots } from "../../../core/slots.ts";
import type { Work } from "../../../core/work.ts";
import { type Exposure, latestExposure } from "../../../rotation/exposures.ts";
import { platformInCharge } from "../../../rotation/platform-refusals.ts";
import { latestProgress, type SwitchOverProgress } from "../../../rotation/switch-over-progress.ts";
import { waitWithin } from "../../../core/wait-within.ts";

const STORE_MS = 3_000;
const PADDLE_MS = 5_000;
const RECORDS_MS = 3_000;
/** For all that comes before the queue, which has its own 3 s. */
const REQUEST_MS = 11_000;

export type NeighboursDeps = {
  readonly workQueue: WorkQueue;
  readonly paddle: Pick<PaddleApi, "ask" | "readKey">;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Slots as they were read. */
export type Look = { readonly slots: Slots; readonly version: Version };

export class Neighbours {
  readonly clock: Clock;
  readonly log: Logger;
  readonly #workQueue: WorkQueue;
  readonly #paddle: NeighboursDeps["paddle"];
  readonly #records: Records;
  readonly #endsAt: number;

  /** For one request: its time runs from now on. */
  constructor({ workQueue, paddle, records, clock, log }: NeighboursDeps) {
    this.clock = clock;
    this.log = log;
    this.#workQueue = workQueue;
    this.#paddle = paddle;
    this.#records = records;
    this.#endsAt = clock.now() + REQUEST_MS;
  }

  read(key: ManagedKey): Promise<Look> {
    return this.#within(
      STORE_MS,
      () => key.store.read(),
      (waited) => silentStore(key, waited, "none"),
    );
  }

  /** The platform that rotates the key itself; null: none does. */
  platform(key: ManagedKey): Promise<PlatformRotation | null> {
    return this.#within(
      STORE_MS,
      () => platformInCharge(key.store),
      (waited) => silentStore(key, waited, "none"),
    );
  }

  write(key: ManagedKey, slots: Slots, version: Version): Promise<"written" | "conflict"> {
    const write = () => key.store.write(slots, version);
    return this.#within(STORE_MS, write, (waited) => silentStore(key, waited, "unknown"));
  }

  /** Never with a pending secret: its first use would activate it. */
  ask(keyId: string, secret: Secret): Promise<KeyAnswer> {
    return this.#within(PADDLE_MS, () => this.#paddle.ask(keyId, secret), silentPaddle);
  }

  readKey(keyId: string, reader: Secret): Promise<ApiKey> {
    return this.#within(PADDLE_MS, () => this.#paddle.readKey(keyId, reader), silentPaddle);
  }

  exposure(keyId: string): Promise<Exposure | null> {
    return this.#within(RECORDS_MS, () => latestExposure(this.#records, keyId), silentRecords);
  }

  /** null: nothing is known, also where the records do not answer. */
  async progressOf(keyName: string): Promise<SwitchOverProgress | null> {
    try {
      return await this.#within(RECORDS_MS, () => latestProgress(this.#records, keyName), silentRecords);
    } catch (error) {
      this.log.warn({ err: publicError(error), keyName }, "the progress of consumers cannot be read");
      return null;
    }
  }

  put(work: Work): Promise<void> {
    return this.#workQueue.put(work);
  }

  /** What may be shown of an error: our own are written to be read; of all others the log says what may be said. */
  tell(key: ManagedKey, what: string, error: unknown): string {
    if (error instanceof RotatorError) return error.message;
    this.log.error({ err: publicError(error), keyName: key.name }, what);
    return `${what}; the rotator's log says why`;
  }

  /** Begins nothing once the request's time is over. */
  async #within<T>(limitMs: number, begin: () => Promise<T>, late: (waited: string) => Error): Promise<T> {
    const ms = Math.min(limitMs, this.#endsAt - this.clock.now());
    if (ms <= 0) throw late("in time");
    return waitWithin(this.clock, ms, begin(), () => late(`within ${Math.ceil(ms / 1000)} s`));
  }
}

function silentStore(key: ManagedKey, waited: string, effect: "none" | "unknown"): StoreError {
  return new StoreError(`${key.store.location} did not answer ${waited}`, { effect, retry: "later" });
}

function silentPaddle(waited: string): PaddleError {
  return new PaddleError(`Paddle did not answer ${waited}`, {
    code: "timeout",
    status: null,
    effect: "unknown",
    retry: "later",
  });
}

function silentRecords(waited: string): QueueError {
  return new QueueError(`the records did not answer ${waited}`, { effect: "none", retry: "later" });
}
