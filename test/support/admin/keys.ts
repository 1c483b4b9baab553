/** Managed keys as the admin listener's tests need them: examples of slots, and stores that behave or do not. */
import { StoreError } from "../../../src/core/errors.ts";
import type { ManagedKey, RotationPolicy } from "../../../src/core/managed-key.ts";
import type { SecretStore, Version } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import {
  EMPTY_SLOTS,
  type IssuedSecret,
  type OldSecret,
  type PendingSecret,
  type Slots,
  unknownOrigin,
} from "../../../src/core/slots.ts";

export const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
/** Another key of the same account. */
export const OTHER_KEY_ID = "apikey_01kbb1b2c3d4e5f6g7h8j9k0mn";
export const NOW = Date.parse("2026-11-21T12:00:00Z");
const HOUR_MS = 3_600_000;

/** A word that is part of every secret made here, so that a test can look for it where no secret may be. */
export const CANARY = "CaNaRy";

export function secretOf(mark: string, keyId = KEY_ID): Secret {
  return new Secret(`pdl_sdbx_${keyId}_${(CANARY + mark).padEnd(22, "x")}_abc`);
}

export function issued(mark: string): IssuedSecret {
  return {
    secret: secretOf(mark),
    rotationId: `apkrot_${mark}`,
    issuedAt: NOW - HOUR_MS,
    intentId: `evt_${mark}`,
  };
}

export const ACTIVE = issued("Active");
export const OLD: OldSecret = { ...issued("Old"), until: NOW + HOUR_MS };
export const PENDING: PendingSecret = { ...issued("Pending"), mode: "graceful", graceSeconds: 3_600 };
export const STANDBY = unknownOrigin(secretOf("Standby"));
export const LEGACY = unknownOrigin(new Secret(`${CANARY}LegacyKeyOfFiftyCharacters0123456789abcdefgh`));

export const STEADY: Slots = { ...EMPTY_SLOTS, active: ACTIVE };

/** A store that is only read. `slots` may be a fault or `silent`: it never answers. */
export function storeWith(slots: Slots | Error | "silent"): SecretStore {
  return {
    location: "./secrets/billing.env (ACTIVE_PADDLE_KEY)",
    guide: { applicationsRead: "ACTIVE_PADDLE_KEY", needs: [] },
    read: () => {
      if (slots === "silent") return new Promise(() => {});
      if (slots instanceof Error) return Promise.reject(slots);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- versions are branded; a test makes its own
      return Promise.resolve({ slots, version: "1" as Version });
    },
    write: () => Promise.reject(new Error("the admin listener writes no slots")),
    checkWritable: () => Promise.reject(new Error("the admin listener writes no slots")),
  };
}

export const UNREADABLE = new StoreError("./secrets/billing.env cannot be read: chmod 600 it", {
  effect: "none",
  retry: "later",
});

const POLICY: RotationPolicy = {
  everyMs: null,
  renewBeforeMs: 7 * 24 * HOUR_MS,
  lifetimeMs: null,
  graceSeconds: 86_400,
  window: null,
  jitterMs: 0,
  onExposure: "revoke-first",
  foreignRotation: "alert",
  revokeFirstsPerHour: 3,
  overlapMs: 0,
};

export function keyWith(slots: Slots | Error | "silent" | SecretStore, name = "billing"): ManagedKey {
  const store = slots instanceof Object && "read" in slots ? slots : storeWith(slots);
  return { name, store, standbyStore: null, consumers: [], checks: [], standbyOf: null, policy: POLICY };
}
