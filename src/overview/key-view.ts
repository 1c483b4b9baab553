/** What people may see of a managed key. Pure: slots in, public text out; fingerprints, never secrets. */
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import { activeKeyId, type IssuedSecret, type Mode, type Slots } from "../core/slots.ts";
import type { SwitchOverProgress } from "../rotation/switch-over-progress.ts";

export type KeyState =
  /** One active secret and nothing in flight. */
  | "steady"
  /** A new secret is staged and not used yet. */
  | "pending"
  /** The former secret still works. */
  | "in-grace"
  /** The grace is over; the former secret is in the store until Paddle is seen to refuse it. */
  | "retiring"
  /** Consumers were given the former secret back. */
  | "rolled-back"
  /** The active secret carries no key id, so it cannot be rotated. */
  | "legacy-key"
  | "no-active-secret"
  | "store-unreachable";

/** Times are ISO 8601; null: not known. */
export type SecretView = {
  readonly fingerprint: string;
  readonly rotationId: string | null;
  readonly issuedAt: string | null;
};

export type KeyView = {
  readonly name: string;
  readonly keyId: string | null;
  /** Where the secret is, in the store's own words. */
  readonly location: string;
  readonly state: KeyState;
  /** The state in one sentence. */
  readonly explanation: string;
  /** How long the old secret lives after a graceful rotation, unless the one who asks chooses otherwise. */
  readonly graceSeconds: number;
  readonly active: SecretView | null;
  readonly old: (SecretView & { readonly until: string | null }) | null;
  readonly pending: (SecretView & { readonly mode: Mode; readonly graceSeconds: number | null }) | null;
  readonly standby: SecretView | null;
};

/** What Paddle says about the key; asked with the active secret only. */
export type PaddleView =
  | {
      readonly answer: "accepted";
      readonly status: ApiKey["status"];
      readonly rotatable: boolean;
      /** null: never. */
      readonly expiresAt: string | null;
      /** null: never seen in public. */
      readonly exposedAt: string | null;
    }
  | { readonly answer: "refused" | "none"; readonly explanation: string };

/** How far the consumers of the active secret were when they were last looked at. Times are ISO 8601. */
export type SwitchOverView = {
  readonly startedAt: string;
  readonly changedAt: string;
  readonly consumers: SwitchOverProgress["consumers"];
};

export type KeyDetail = KeyView & {
  readonly paddle: PaddleView;
  /** null: no consumer was told of the active secret yet, or the key has none. */
  readonly switchOver: SwitchOverView | null;
};

/** `now`: epoch milliseconds. */
export function viewKey(key: ManagedKey, slots: Slots, now: number): KeyView {
  const { active, old, pending, standby } = slots;
  return {
    ...heading(key),
    keyId: activeKeyId(slots),
    ...describe(slots, now),
    active: active && viewSecret(active),
    old: old && { ...viewSecret(old), until: iso(old.until) },
    pending: pending && { ...viewSecret(pending), mode: pending.mode, graceSeconds: pending.graceSeconds },
    standby: standby && viewSecret(standby),
  };
}

/** The view of a key whose store did not say what it holds. `why`: public text. */
export function viewUnreachable(key: ManagedKey, why: string): KeyView {
  const nothing = { keyId: null, active: null, old: null, pending: null, standby: null };
  return { ...heading(key), ...nothing, state: "store-unreachable", explanation: why };
}

export function viewAnswer(key: ApiKey): PaddleView {
  const { status, rotatable } = key;
  return {
    answer: "accepted",
    status,
    rotatable,
    expiresAt: iso(key.expiresAt),
    exposedAt: iso(key.exposedAt),
  };
}

/** null: it is about another secret than the active one. */
export function viewSwitchOver(progress: SwitchOverProgress | null, view: KeyView): SwitchOverView | null {
  if (!progress || progress.fingerprint !== view.active?.fingerprint) return null;
  const { startedAt, changedAt, consumers } = progress;
  return {
    startedAt: new Date(startedAt).toISOString(),
    changedAt: new Date(changedAt).toISOString(),
    consumers,
  };
}

function heading(key: ManagedKey) {
  return { name: key.name, location: key.store.location, graceSeconds: key.policy.graceSeconds };
}

/** What a person must know first comes first. */
function describe(slots: Slots, now: number): { state: KeyState; explanation: string } {
  const { active, old, pending } = slots;
  if (!active) {
    return {
      state: "no-active-secret",
      explanation: "The store holds no active secret: applications that read it have no key.",
    };
  }
  if (activeKeyId(slots) === null) {
    return {
      state: "legacy-key",
      explanation:
        "The active secret carries no key id, as keys made before May 2025 do not: it cannot be rotated, only replaced.",
    };
  }
  if (slots.rolledBack) {
    return {
      state: "rolled-back",
      explanation:
        "Applications were given the former secret back; before it dies they get the newer one again.",
    };
  }
  if (pending) {
    return {
      state: "pending",
      explanation:
        "A new secret is staged. Its first use activates it; until then the active secret goes on working.",
    };
  }
  if (old) return describeOld(old.until, now);
  return { state: "steady", explanation: "The active secret is the only one; nothing is in flight." };
}

function describeOld(until: number | null, now: number): { state: KeyState; explanation: string } {
  if (until !== null && until <= now) {
    return {
      state: "retiring",
      explanation: `The grace of the former secret ended at ${iso(until)}; it leaves the store once Paddle refuses it.`,
    };
  }
  return {
    state: "in-grace",
    explanation: `The new secret is in use; the former one still works until ${iso(until) ?? "a time that is not known"}.`,
  };
}

export function viewSecret(issued: IssuedSecret): SecretView {
  return {
    fingerprint: issued.secret.fingerprint(),
    rotationId: issued.rotationId,
    issuedAt: iso(issued.issuedAt),
  };
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
