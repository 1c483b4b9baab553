/**
 * What the secret store holds for one managed key, and the only ways it may change.
 * The transitions are pure; a store writes their result with compare-and-set.
 * All times are epoch milliseconds.
 */
import { identify } from "./paddle-key.ts";
import type { Secret } from "./secret.ts";

/** A secret and where it came from. What is not known of a secret put there by a person is null. */
export type IssuedSecret = {
  readonly secret: Secret;
  readonly rotationId: string | null;
  readonly issuedAt: number | null;
  /** The intent it was issued for, so that a job run again knows its own work. */
  readonly intentId: string | null;
  /** Its key's id where the text carries none and Paddle said it: a legacy secret's. It is not stored. */
  readonly keyId?: string;
};

/** The former secret. `until` is a hint from clocks; that Paddle refuses it is the proof of its death. */
export type OldSecret = IssuedSecret & { readonly until: number | null };

export type Mode = "graceful" | "revoke-first";

/** A staged secret: issued, saved, and never used yet. Its first use activates it. */
export type PendingSecret = IssuedSecret & {
  readonly mode: Mode;
  /** How long the former secret lives once this one is activated, in seconds; null: not known. */
  readonly graceSeconds: number | null;
};

export type Slots = {
  readonly active: IssuedSecret | null;
  readonly old: OldSecret | null;
  readonly pending: PendingSecret | null;
  readonly standby: IssuedSecret | null;
  /** True while `active` is the older of the two secrets on purpose. */
  readonly rolledBack: boolean;
};

export const EMPTY_SLOTS: Slots = {
  active: null,
  old: null,
  pending: null,
  standby: null,
  rolledBack: false,
};

/** A secret of which nothing is known but its text. */
export function unknownOrigin(secret: Secret): IssuedSecret {
  return { secret, rotationId: null, issuedAt: null, intentId: null };
}

/** The id of the key that consumers use now; null: no active secret, or a legacy one of which nobody knows the key. */
export function activeKeyId(slots: Slots): string | null {
  return slots.active && keyIdOf(slots.active);
}

/** The id of the key that a secret belongs to; null: its text carries none, and Paddle named none. */
export function keyIdOf({ secret, keyId }: IssuedSecret): string | null {
  return identify(secret)?.keyId ?? keyId ?? null;
}

/** The text of a legacy secret names no key. */
export function isLegacy({ secret }: IssuedSecret): boolean {
  return identify(secret) === null;
}

/** Saves an issued secret before its first use. */
export function stage(slots: Slots, pending: PendingSecret): Slots {
  return { ...slots, pending };
}

/**
 * The activated secret becomes the one that consumers use.
 *
 * @param former which secret lives on as old, and until when (null: not known); null: none does
 */
export function promote(
  slots: Slots,
  former: { readonly slot: "active" | "old"; readonly until: number | null } | null,
): Slots {
  const { pending, standby } = slots;
  if (!pending) throw new Error("promote: nothing is pending");
  const { mode: _mode, graceSeconds: _graceSeconds, ...active } = pending;
  const secret = former && slots[former.slot];
  // A staged secret of the standby's key was the standby, made new before its use.
  const usedUp = standby !== null && keyIdOf(standby) === keyIdOf(pending);
  return {
    ...slots,
    active,
    old: secret && { ...withoutUntil(secret), until: former?.until ?? null },
    pending: null,
    standby: usedUp ? null : standby,
    rolledBack: false,
  };
}

/** Consumers get the old secret back, because it is the one that Paddle accepts. */
export function putBackOld(slots: Slots): Slots {
  if (!slots.old) throw new Error("putBackOld: there is no old secret");
  return { ...slots, active: withoutUntil(slots.old), old: null, pending: null, rolledBack: false };
}

/** Begins a rollback: consumers get the older secret back for a while. `old` is then the newer one. */
export function swapBack(slots: Slots): Slots {
  const { active, old } = slots;
  if (!active || !old) throw new Error("swapBack: active or old is empty");
  const { until, ...older } = old;
  return { ...slots, active: older, old: { ...active, until }, rolledBack: true };
}

/** Another key takes over. `until`: when the overlap with the former key ends; null: the former key is dead. */
export function promoteStandby(slots: Slots, standby: IssuedSecret, until: number | null): Slots {
  const { active } = slots;
  const old = active && until !== null ? { ...active, until } : null;
  return { ...slots, active: standby, old, pending: null, standby: null, rolledBack: false };
}

/** Ends a rollback: the newer secret is active again and the older one waits for its end. */
export function swapForward(slots: Slots): Slots {
  const { active, old } = slots;
  if (!active || !old) throw new Error("swapForward: active or old is empty");
  const { until, ...newer } = old;
  return { ...slots, active: newer, old: { ...active, until }, rolledBack: false };
}

/** Takes the dead old secret out of the store. */
export function retire(slots: Slots): Slots {
  return { ...slots, old: null };
}

function withoutUntil({ secret, rotationId, issuedAt, intentId, keyId }: IssuedSecret): IssuedSecret {
  return { secret, rotationId, issuedAt, intentId, ...(keyId !== undefined && { keyId }) };
}
