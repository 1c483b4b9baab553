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

/** The id of the key that consumers use now; null: no active secret, or a legacy key, which carries no id. */
export function activeKeyId(slots: Slots): string | null {
  return slots.active ? (identify(slots.active.secret)?.keyId ?? null) : null;
}

/** Saves an issued secret before its first use. */
export function stage(slots: Slots, pending: PendingSecret): Slots {
  return { ...slots, pending };
}

/** The activated secret becomes the one that consumers use; the former one lives on as old. */
export function promote(slots: Slots, activatedAt: number): Slots {
  const { active, pending } = slots;
  if (!pending) throw new Error("promote: nothing is pending");
  const { mode: _mode, graceSeconds, ...promoted } = pending;
  const until = graceSeconds === null ? null : activatedAt + graceSeconds * 1000;
  return { ...slots, active: promoted, old: active && { ...active, until }, pending: null };
}

/** Consumers get the old secret back, because it is the one that Paddle accepts. */
export function putBackOld(slots: Slots): Slots {
  if (!slots.old) throw new Error("putBackOld: there is no old secret");
  const { until: _until, ...active } = slots.old;
  return { ...slots, active, old: null, pending: null, rolledBack: false };
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
