/** What a job asks for. A job says what to look at; it never says how far the work has come. */

/** Why something must happen. */
export type IntentKind =
  | "expiring"
  /** The key's policy says that it is time. */
  | "scheduled"
  | "manual"
  | "exposed"
  | "expired"
  | "revoked"
  /** Somebody else rotated, or is about to. */
  | "foreign-rotation"
  /** Something in flight was found without a job. */
  | "resume";

export type Intent = {
  /** The job's id: the event's id for a webhook. The same intent always has the same id. */
  readonly id: string;
  readonly kind: IntentKind;
  /** Epoch milliseconds: when the event occurred or the person asked. */
  readonly requestedAt: number;
};

export type JobName = "rotate" | "revoke-first" | "replace" | "inspect";

/** A job to be queued. `keyName` is for people; work goes by key id. null: no configured key had this id. */
export type Work = {
  readonly job: JobName;
  readonly keyName: string | null;
  readonly keyId: string;
  readonly intent: Intent;
  /** The webhook's event id; null: a person asked. */
  readonly eventId: string | null;
  /** For `expiring`: the key's expiry that the event warned of, epoch milliseconds. */
  readonly keyExpiresAt?: number | null;
  /** For `revoked`: when the key had been found in public, epoch milliseconds; left out: never, as far as is known. */
  readonly keyExposedAt?: number;
  /** For `manual`: the grace that the person chose, in seconds. */
  readonly graceSeconds?: number;
  /** For `inspect`. */
  readonly inspected?: Inspected;
};

/** What an `inspect` job looks into: the event that asked for it. */
export type Inspected =
  | { readonly what: "key"; readonly event: "created" | "updated" }
  | { readonly what: "rotation"; readonly rotationId: string };

/** How one run of a job ended. A thrown error means: try again later. */
export type Outcome =
  /** The intent has its end. `result` is a fixed word; `summary` a sentence for people. */
  | { readonly kind: "done"; readonly result: string; readonly summary: string }
  /** Look again at `at` (epoch milliseconds). */
  | { readonly kind: "wait"; readonly at: number; readonly why: string }
  /** A person has been alerted, and nothing more will happen until the job is retried. */
  | { readonly kind: "needs-person"; readonly summary: string };
