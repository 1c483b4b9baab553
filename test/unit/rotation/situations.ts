/** Secrets, slots and answers for the tables: what is true now, in as few words as a row can bear. */
import type { ApiKey, KeyRotation } from "../../../src/core/paddle-key.ts";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, type IssuedSecret, type PendingSecret, type Slots } from "../../../src/core/slots.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import type { Answer, Situation, Step } from "../../../src/rotation/situation.ts";

export const NOW = Date.parse("2026-11-24T00:00:10Z");
export const ASKED = NOW - 10_000;
export const EXPIRY = Date.parse("2026-12-01T00:00:00Z");
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
export const OTHER_KEY_ID = "apikey_01kzzzzzzzzzzzzzzzzzzzzzzz";

/** The intent of the job that decides. */
export const intent = (kind: IntentKind = "expiring") => ({ id: "evt_1", kind, requestedAt: ASKED }) as const;
/** A secret that was issued for this very job. */
export const OWN = { intentId: "evt_1", issuedAt: NOW } as const;
/** A secret that was issued for another job, after this one was asked for. */
export const LATER = { intentId: "evt_2", issuedAt: ASKED } as const;
/** A secret that was issued for another job, a millisecond before this one was asked for. */
export const EARLIER = { intentId: "evt_2", issuedAt: ASKED - 1 } as const;

export function issued(
  mark: string,
  known: Partial<IssuedSecret> = {},
  keyId: string = KEY_ID,
): IssuedSecret {
  const secret = new Secret(`pdl_live_${keyId}_${mark.padEnd(22, "x")}_abc`);
  return { secret, rotationId: null, issuedAt: null, intentId: null, ...known };
}

export function pending(known: Partial<PendingSecret> = {}, keyId: string = KEY_ID): PendingSecret {
  return { ...issued("pending", OWN, keyId), mode: "graceful", graceSeconds: 3600, ...known };
}

const KEY: ApiKey = {
  id: KEY_ID,
  name: "Billing worker",
  status: "active",
  rotatable: true,
  expiresAt: EXPIRY,
  exposedAt: null,
  permissions: [],
  lastUsedAt: null,
};

export const keyWith = (known: Partial<ApiKey>): ApiKey => ({ ...KEY, ...known });
export const yes = (known: Partial<ApiKey> = {}, at = NOW) =>
  ({ accepted: true, key: keyWith(known), at }) as const satisfies Answer;
export const NO: Answer = { accepted: false };

export function rotation(known: Partial<KeyRotation> = {}): KeyRotation {
  const times = { expiresAt: null, createdAt: NOW };
  return { id: "apkrot_1", keyId: KEY_ID, status: "pending", graceSeconds: 3600, ...times, ...known };
}

/** Only the first secret, put there by a person. */
export const BEFORE: Slots = { ...EMPTY_SLOTS, active: issued("first") };

/** The second secret is active, the first one in its grace. */
export const inGrace = (until: number | null, second: Partial<IssuedSecret> = OWN): Slots => ({
  ...EMPTY_SLOTS,
  active: issued("second", second),
  old: { ...issued("first"), until },
});

/** As `inGrace`, with the first secret back in use. */
export const rolledBack = (until: number | null, second: Partial<IssuedSecret> = {}): Slots => ({
  ...EMPTY_SLOTS,
  active: issued("first"),
  old: { ...issued("second", second), until },
  rolledBack: true,
});

/** Another key is active. */
export const REPLACED: Slots = { ...EMPTY_SLOTS, active: issued("other", {}, OTHER_KEY_ID) };

/** Another key is active, and this one lives beside it. */
export const overlapping = (until: number | null): Slots => ({
  ...REPLACED,
  old: { ...issued("first"), until },
});

export const POLICY = {
  overlapMs: 3 * HOUR,
  revokeFirstsPerHour: 3,
  renewBeforeMs: 7 * 24 * HOUR,
  window: null,
};

export function situation(change: Partial<Situation> = {}): Situation {
  return {
    now: NOW,
    keyId: KEY_ID,
    intent: intent(),
    warnedExpiryAt: EXPIRY,
    graceSeconds: 86_400,
    slots: BEFORE,
    answers: {},
    exposureOpen: false,
    policy: POLICY,
    standbyElsewhere: false,
    consumerCount: 0,
    checkCount: 0,
    recentRevokeFirsts: 0,
    ...change,
  };
}

export type Row = [promise: string, situation: Partial<Situation>, step: Step];
