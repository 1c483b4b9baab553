/** A key named in the configuration, with the store that holds its secrets and the policies it is kept by. */
import type { SecretStore } from "./ports.ts";

export type RotationPolicy = {
  /** How long a rotated key lives; null: not configured. */
  readonly lifetimeMs: number | null;
  /** How long the old secret lives after the new one's first use: 0 to 86,400. */
  readonly graceSeconds: number;
};

export type ManagedKey = {
  readonly name: string;
  readonly store: SecretStore;
  readonly policy: RotationPolicy;
};
