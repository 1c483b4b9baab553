/**
 * Judges a key that is offered as a replacement or standby, before anything comes to depend on it. Every sentence
 * is for the person who offers it and says what to do next.
 */
import { type ApiKey, type Environment, identify, isGranted, type KeyIdentity } from "../core/paddle-key.ts";
import type { Secret } from "../core/secret.ts";

export type FaultKind =
  | "format"
  | "environment"
  | "refused"
  | "same-key"
  | "already-managed"
  | "exposed"
  | "not-active"
  | "missing-permissions";

/** Why the key may not be used. */
export type Fault = { readonly kind: FaultKind; readonly says: string };

/** The faults that a person may decide to live with. */
export const OVERRIDABLE: readonly FaultKind[] = ["missing-permissions"];

export type Offer = {
  readonly now: number;
  readonly candidate: Secret;
  /** When this secret was issued, epoch milliseconds; null or left out: not known. */
  readonly issuedAt?: number | null;
  /** What Paddle answered when it was asked with the candidate. */
  readonly candidateKey: ApiKey | "refused";
  readonly replaced: {
    readonly keyId: string;
    readonly environment: Environment;
    /** null: it could not be read. */
    readonly key: ApiKey | null;
  };
  /** Key id → configured name. */
  readonly managedKeyIds: ReadonlyMap<string, string>;
};

export type Judgement = {
  readonly faults: readonly Fault[];
  /** What could not be checked, or is unwise. */
  readonly notes: readonly string[];
};

/** A candidate that lives no longer than this is announced as expiring in a week at most. */
const SOON_MS = 14 * 86_400_000;
const DASHBOARD = "Paddle's dashboard (Developer tools > Authentication)";

export function judgeCandidate(offer: Offer): Judgement {
  const identity = identify(offer.candidate);
  if (!identity) {
    const says =
      "It is not in the format of a Paddle API key (pdl_live_apikey_… or pdl_sdbx_apikey_…, 69 characters). " +
      `Check that all of it was copied; a key made before May 2025 cannot be used: create a new one in ${DASHBOARD}.`;
    return { faults: [{ kind: "format", says }], notes: [] };
  }
  const faults = faultsOfIdentity(identity, offer);
  const { candidateKey, replaced } = offer;
  if (candidateKey !== "refused") {
    const more = [
      ...faultsOfKey(candidateKey, offer.issuedAt ?? null),
      ...missingPermissions(candidateKey, replaced.key),
    ];
    return { faults: [...faults, ...more], notes: notesOn(candidateKey, offer) };
  }
  // Paddle refuses a key of the other environment in any case, which says nothing new.
  const isElsewhere = faults.some(({ kind }) => kind === "environment");
  return { faults: isElsewhere ? faults : [...faults, refused(identity)], notes: [] };
}

function faultsOfIdentity({ keyId, environment }: KeyIdentity, { replaced, managedKeyIds }: Offer): Fault[] {
  const faults: Fault[] = [];
  if (environment !== replaced.environment) {
    const says = `It is a ${environment} key, but ${replaced.keyId} is a ${replaced.environment} key. Create one in the ${replaced.environment} account.`;
    faults.push({ kind: "environment", says });
  }
  const managedAs = managedKeyIds.get(keyId);
  if (keyId === replaced.keyId) {
    const says = `It is a secret of ${keyId}, the very key that it is to replace. Create another key in ${DASHBOARD}.`;
    faults.push({ kind: "same-key", says });
  } else if (managedAs !== undefined) {
    const says = `It is a secret of ${keyId}, which is managed as ${managedAs} already; one key cannot serve two names. Create another key in ${DASHBOARD}.`;
    faults.push({ kind: "already-managed", says });
  }
  return faults;
}

function refused({ keyId }: KeyIdentity): Fault {
  const says = `Paddle refuses this secret of ${keyId}: it is mistyped, was rotated since, or the key is revoked or expired. Look at the key in ${DASHBOARD}, or create a new one.`;
  return { kind: "refused", says };
}

/** @param issuedAt of the secret at hand: `exposed_at` tells of the key's first exposure, and stays */
function faultsOfKey({ id, status, exposedAt }: ApiKey, issuedAt: number | null): Fault[] {
  const faults: Fault[] = [];
  if (exposedAt !== null && (issuedAt === null || issuedAt < exposedAt)) {
    const says = `${id} was found in public at ${isoTime(exposedAt)}. Revoke it, and create a new key in ${DASHBOARD}.`;
    faults.push({ kind: "exposed", says });
  }
  if (status === "expired" || status === "revoked") {
    const says = `${id} is ${status}. Create a new key in ${DASHBOARD}.`;
    faults.push({ kind: "not-active", says });
  }
  return faults;
}

function missingPermissions(candidate: ApiKey, replaced: ApiKey | null): Fault[] {
  const missing = (replaced?.permissions ?? []).filter(
    (permission) => !isGranted(candidate.permissions, permission),
  );
  if (missing.length === 0) return [];
  const says = `${candidate.id} lacks what ${replaced?.id} may do: ${missing.join(", ")}. Add it to the key in ${DASHBOARD}, or use force if nothing needs it any more.`;
  return [{ kind: "missing-permissions", says }];
}

function notesOn(candidate: ApiKey, { now, replaced }: Offer): string[] {
  const { id, status, rotatable, expiresAt, permissions } = candidate;
  const compare = `Compare them in ${DASHBOARD}.`;
  const notes: string[] = [];
  if (status === "unknown")
    notes.push(`Paddle accepts ${id} but gives it a status that this version does not know.`);
  if (permissions === null) notes.push(`${id} has no list of permissions: it may do everything.`);
  else if (replaced.key === null)
    notes.push(`The permissions of ${replaced.keyId} could not be read, so nothing was checked. ${compare}`);
  else if (replaced.key.permissions === null)
    notes.push(`${replaced.keyId} may do everything, so it is not known what is needed. ${compare}`);
  if (!rotatable)
    notes.push(
      `${id} was created without rotation: it can never rotate itself and will have to be replaced by hand.`,
    );
  if (expiresAt === null)
    notes.push(`${id} never expires, so Paddle will never warn of its age: rotate it by \`every\`.`);
  else if (expiresAt - now <= SOON_MS) notes.push(`${id} expires at ${isoTime(expiresAt)}, within 14 days.`);
  return notes;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
