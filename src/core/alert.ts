/** Something that a person should hear about. It is public text: fingerprints, never secrets. */
import { type Effect, type Retry, RotatorError } from "./errors.ts";

export type Severity = "info" | "warning" | "critical";

/** Every kind of alert there is. Each has an entry in the runbook (alerts/runbook.ts). */
export type AlertKind =
  // A key leaked, or may have.
  | "key-exposed"
  | "exposure-handled"
  | "exposure-still-open"
  | "exposed-secret-lives"
  | "exposed-secret-dead"
  | "too-many-revoke-firsts"
  | "maybe-exposed"
  // A key is dead, or will be, and cannot rotate itself.
  | "key-expired"
  | "key-revoked"
  | "key-lost"
  | "not-rotatable"
  | "key-not-rotatable"
  | "key-reactivated"
  | "no-active-secret"
  | "legacy-key"
  | "expiry-unplanned"
  | "key-never-rotated"
  | "permissions-changed"
  // One key takes the place of another.
  | "standby-used"
  | "standby-unfit"
  | "standby-in-trouble"
  | "former-key-lives"
  | "former-key-still-used"
  | "former-key-ended"
  // Somebody else acts on a key.
  | "foreign-rotation"
  | "foreign-rotation-countered"
  | "foreign-rotation-past"
  | "takeover"
  | "store-restored"
  // A rotation.
  | "key-works"
  | "job-failing"
  | "job-works"
  | "job-failed"
  | "rotation-refused"
  | "new-expiry-refused"
  | "rotated-outside-window"
  | "old-outlives-grace"
  // A platform that rotates keys itself.
  | "platform-stuck"
  | "platform-freed"
  | "platform-needs-key"
  | "platform-has-key"
  // Applications after a rotation.
  | "consumers-lag"
  | "consumers-switched"
  | "consumers-unwatched"
  | "check-failed"
  | "check-good-again"
  | "check-unwatched"
  | "rolled-back"
  | "rolled-back-by-check"
  // Keys that no configuration names.
  | "unmanaged-key-seen"
  | "unmanaged-key-expiring"
  | "unmanaged-key-ended"
  | "key-removed"
  // The rotator itself.
  | "key-unchecked"
  | "key-checked"
  | "sweeps-fail"
  | "sweeps-work"
  | "clock-skew"
  | "webhooks-missed"
  | "destination-unfit"
  | "no-reader"
  | "channel-failing"
  | "channel-works"
  | "test-alert";

export type Alert = {
  /** One id per message, so that raising it twice tells people once. Letters, digits, `_`, `-` and `.`. */
  readonly id: string;
  /** An `AlertKind`; in what another release has raised, it may be a word that this one does not know. */
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
  /** Added on its way to the channels. Left out: it was raised by a release that knew none. */
  readonly links?: Links;
};

/** Where the reader goes from here. */
export type Links = {
  /** An address of the admin listener; null: it is not known how people reach that. */
  readonly page: string | null;
  /** The address of the runbook's entry, or where that is in the repository. */
  readonly runbook: string;
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
