/** Errors that tell their caller what to do: may the call have taken effect, and is it worth another try? */

/** `none`: provably nothing changed. `unknown`: the call may have taken effect. */
export type Effect = "none" | "unknown";

/** `later`: the fault may pass. `never`: the same call will fail the same way. */
export type Retry = "later" | "never";

export abstract class RotatorError extends Error {
  readonly effect: Effect;
  readonly retry: Retry;

  constructor(message: string, what: { effect: Effect; retry: Retry; cause?: unknown }) {
    super(message, { cause: what.cause });
    this.effect = what.effect;
    this.retry = what.retry;
  }
}

/** The code of a PaddleError: nothing was sent, because this process ends. */
export const CLIENT_CLOSED = "client_closed";

/** Paddle answered with an error, or did not answer. `code` is Paddle's own, or ours where there was no answer. */
export class PaddleError extends RotatorError {
  override readonly name = "PaddleError";
  readonly code: string;
  /** null: no answer. */
  readonly status: number | null;
  readonly requestId: string | null;
  /** Names of the body's fields that Paddle found fault with; empty unless it says. */
  readonly fields: readonly string[];

  constructor(
    message: string,
    what: {
      code: string;
      status: number | null;
      requestId?: string | null;
      fields?: readonly string[];
      effect: Effect;
      retry: Retry;
      cause?: unknown;
    },
  ) {
    super(message, what);
    this.code = what.code;
    this.status = what.status;
    this.requestId = what.requestId ?? null;
    this.fields = what.fields ?? [];
  }
}

/** A secret store could not be read or written. The message says which store, what it answered and the remedy. */
export class StoreError extends RotatorError {
  override readonly name = "StoreError";
}

/** The queue or the records did not take or give what was asked in time. */
export class QueueError extends RotatorError {
  override readonly name = "QueueError";
}

/** Another worker holds this job now. Nothing more may be done in its name. */
export class LeaseLostError extends RotatorError {
  override readonly name = "LeaseLostError";

  constructor() {
    super("this worker no longer holds the job; another one goes on with it", {
      effect: "none",
      retry: "never",
    });
  }
}

/** The configuration cannot be used. The message lists every fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
