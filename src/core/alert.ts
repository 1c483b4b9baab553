/** Something that a person should hear about. It is public text: fingerprints, never secrets. */
import { type Effect, type Retry, RotatorError } from "./errors.ts";

export type Severity = "info" | "warning" | "critical";

export type Alert = {
  /** One id per message, so that raising it twice tells people once. Letters, digits, `_`, `-` and `.`. */
  readonly id: string;
  /** A fixed word for what happened, e.g. `rotation-stuck`. */
  readonly kind: string;
  readonly severity: Severity;
  readonly keyName: string | null;
  readonly keyId: string | null;
  /** What happened, in one sentence. */
  readonly happened: string;
  /** What the reader must do now, by when and where; null: nothing. */
  readonly action: string | null;
  /** Epoch milliseconds. */
  readonly raisedAt: number;
  /**
   * Of what lasts: shared by its first message, the reminders and the all-clear, so that a channel can resolve what it
   * had opened. Left out: nobody will say that it is over.
   */
  readonly incident?: Incident;
};

/** `id`: letters, digits, `_`, `-` and `.`. `over`: this message is the all-clear. */
export type Incident = { readonly id: string; readonly state: "open" | "over" };

/** The name of the channel that is always there. */
export const LOG_CHANNEL = "log";

/** An alert channel did not take an alert. `effect: unknown`: people may have got it all the same. */
export class ChannelError extends RotatorError {
  override readonly name = "ChannelError";
  /** How long the channel wants to be left alone; null: it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    what: { effect: Effect; retry: Retry; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, what);
    this.retryAfterMs = what.retryAfterMs ?? null;
  }
}
