/** Something that a person should hear about. It is public text: fingerprints, never secrets. */

export type Severity = "info" | "warning" | "critical";

export type Alert = {
  /** One id per incident, so that raising it twice tells people once. Letters, digits, `_`, `-` and `.`. */
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
};
