/** What the desk answers to whoever asks for something. All of it is public text. */

/** Why it was not done. `why` says what to do. */
export type Refusal =
  | { readonly kind: "unknown-key" }
  /** The state of the key does not allow it. */
  | { readonly kind: "not-now"; readonly why: string }
  /** What was offered is not accepted, and why, all of it. */
  | { readonly kind: "rejected"; readonly faults: readonly FaultView[]; readonly notes: readonly string[] }
  /** A neighbour did not do its part. `why` says which, and what was changed all the same. */
  | { readonly kind: "unavailable"; readonly why: string };

export type FaultView = {
  readonly kind: string;
  readonly says: string;
  /** Whether `force` accepts it. */
  readonly overridable: boolean;
};

/** `queue` and `jobId` lead to the page that shows the job. */
export type Queued = { readonly kind: "queued"; readonly queue: string; readonly jobId: string };
