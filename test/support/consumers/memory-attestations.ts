/** Attestations that last as long as the object, and never grow old. */
import type { Attestation, Attestations } from "../../../src/core/attestation.ts";

export type MemoryAttestations = Attestations & {
  /** More is there than can be looked through. */
  overflow(): void;
};

export function memoryAttestations(): MemoryAttestations {
  const latest = new Map<string, Map<string, Attestation>>();
  let complete = true;
  return {
    async take(consumer, attestation) {
      latest.getOrInsertComputed(consumer, () => new Map()).set(attestation.instance, attestation);
      return "taken";
    },
    async of(consumer) {
      return { attestations: [...(latest.get(consumer)?.values() ?? [])], complete };
    },
    overflow: () => void (complete = false),
  };
}
