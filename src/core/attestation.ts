/** What instances of an application say of themselves. It is testimony: anybody with the consumer's token can give it. */

export type Attestation = {
  /** As the instance calls itself: 1 to 100 printable ASCII characters. */
  readonly instance: string;
  /** Of the secret that it uses. */
  readonly fingerprint: string;
};

/** The latest of each instance that was given within the last `FRESH_MS`. */
export type Testimony = {
  readonly attestations: readonly Attestation[];
  /** false: there was more than can be looked through, so somebody may be missing. */
  readonly complete: boolean;
};

/** An instance that did not repeat its attestation for this long is not counted any more. */
export const FRESH_MS = 15 * 60_000;

/** What instances attested, over all processes of this service. Throws QueueError. */
export interface Attestations {
  /** `full`: it would be one more instance than MAX_INSTANCES, and was not kept. */
  take(consumer: string, attestation: Attestation): Promise<"taken" | "full">;
  of(consumer: string): Promise<Testimony>;
}
