/** Applications that use a managed key's secret: how they are told of another one, and what proves that they use it. */
import { type Effect, type Retry, RotatorError } from "./errors.ts";

/** What consumers are told. Never the secret itself: they read that where it is kept. */
export type SwitchOver = {
  /** One id for each change of the active secret; the same id again is the same switch-over. `[A-Za-z0-9_-]{1,64}` */
  readonly id: string;
  readonly keyName: string;
  /** Paddle's rotation; null: the secret came from nowhere that is known. */
  readonly rotationId: string | null;
  /** Of the secret to be used from now on. */
  readonly fingerprint: string;
};

/** More instances of one consumer than this are not told apart. */
export const MAX_INSTANCES = 1_000;

export type Instance = {
  /** As the platform calls it, e.g. a pod; at most 200 characters, printable. */
  readonly id: string;
  readonly state: "switched" | "lagging";
  /** What is known of it, in a few words; null: nothing else. */
  readonly says: string | null;
};

/** How far a consumer's switch-over is. */
export type Progress = {
  /** `proved`: every instance uses the new secret. `unprovable`: this consumer cannot show what it uses. */
  readonly state: "proved" | "under-way" | "unprovable";
  readonly instances: readonly Instance[];
  /** One sentence for people. */
  readonly says: string;
};

/** An application, or a group of them that switches over in one way. Throws ConsumerError. */
export interface Consumer {
  readonly name: string;
  /** The longest time that an instance may hold the former secret once it was told, in milliseconds. */
  readonly refreshMs: number;
  /** How long the roll-out itself may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What this process must be allowed to do, line by line, ready to be pasted; empty: nothing. */
  readonly needs: readonly string[];
  /**
   * Tells the consumer. Again with the same switch-over: changes nothing. `partly`: the rest is to be told at the next
   * look, when those that were told have switched over.
   */
  notify(switchOver: SwitchOver): Promise<"told" | "partly">;
  /** Looks, without changing anything. */
  observe(switchOver: SwitchOver): Promise<Progress>;
}

/** A consumer could not be told or looked at. The message says which, what it answered and the remedy. */
export class ConsumerError extends RotatorError {
  override readonly name = "ConsumerError";
  /** How long it asked to be left alone, in milliseconds; null: it did not. */
  readonly retryAfterMs: number | null;

  constructor(message: string, what: { effect: Effect; retry: Retry; retryAfterMs?: number | null }) {
    super(message, what);
    this.retryAfterMs = what.retryAfterMs ?? null;
  }
}
