/** A key named in the configuration, with the store that holds its secrets and the policies it is kept by. */
import type { Check } from "./check.ts";
import type { Consumer } from "./consumer.ts";
import type { SecretStore } from "./ports.ts";
import type { Window } from "./window.ts";

export type RotationPolicy = {
  /** The age of a secret at which it is rotated; null: only before the key expires. */
  readonly everyMs: number | null;
  /** How long before the key's expiry it is rotated even if no webhook came. */
  readonly renewBeforeMs: number;
  /** How long a rotated key lives; null: not configured. */
  readonly lifetimeMs: number | null;
  /** How long the old secret lives after the new one's first use: 0 to 86,400. */
  readonly graceSeconds: number;
  /** When rotations that are not urgent may begin; null: at any time. */
  readonly window: Window | null;
  /** Spreads what would be due at the same moment: up to this much later. */
  readonly jitterMs: number;
  /** `graceful`: for a team that puts its availability before the leak. */
  readonly onExposure: "revoke-first" | "graceful";
  /** What to do about a pending rotation that is not ours. */
  readonly foreignRotation: "alert" | "counter";
  /** Beyond this many revoke-first rotations within an hour a person is told instead. */
  readonly revokeFirstsPerHour: number;
  /** How long the former key lives beside the one that replaced it. */
  readonly overlapMs: number;
};

export type ManagedKey = {
  readonly name: string;
  readonly store: SecretStore;
  /** Where the standby lies; null: in the key's own store. */
  readonly standbyStore: SecretStore | null;
  readonly policy: RotationPolicy;
  /** The applications that use its secret. */
  readonly consumers: readonly Consumer[];
  /** What is looked at once they use another secret. */
  readonly checks: readonly Check[];
  /** The name of the key that it stands by for; null: it is used itself. */
  readonly standbyOf: string | null;
};
