/** What only people can do, in Paddle's dashboard: create, edit, revoke and reactivate keys. */
import { type Account, emitKey, findKey, type Key } from "./account.ts";
import { announceExpiry, scheduleNotice, settle } from "./settle.ts";

const DAY_MS = 86_400_000;
const REACTIVATION_MS = 60 * 60_000;

export type KeyOptions = {
  readonly name?: string;
  readonly description?: string | null;
  readonly permissions?: readonly string[];
  /** Epoch milliseconds; null: never; left out: in 90 days, as in the dashboard. */
  readonly expiresAt?: number | null;
  readonly rotatable?: boolean;
  /** Made before 6 May 2025: no permissions, no key id in the secret, not rotatable. */
  readonly legacy?: boolean;
};

export function createKey(account: Account, options: KeyOptions = {}): Key {
  const now = settle(account);
  const { mint } = account;
  const legacy = options.legacy ?? false;
  if (legacy && options.rotatable) throw new Error("a legacy key cannot be rotatable");
  const id = mint.id("apikey", now);
  const key: Key = {
    id,
    name: options.name ?? `Key ${account.keys.size + 1}`,
    description: options.description ?? null,
    permissions: legacy ? null : (options.permissions ?? ["transaction.read"]),
    rotatable: !legacy && (options.rotatable ?? true),
    createdAt: now,
    status: "active",
    revoked: null,
    exposedAt: null,
    expiresAt: options.expiresAt === undefined ? now + 90 * DAY_MS : options.expiresAt,
    lastUsedAt: null,
    updatedAt: now,
    current: legacy ? mint.legacySecret() : mint.secret(account.environment, id),
    old: [],
    rotations: [],
    noticeAt: null,
    noticed: false,
  };
  account.keys.set(id, key);
  account.owners.set(key.current, key);
  scheduleNotice(account, key, now);
  emitKey(account, "api_key.created", key, now);
  return key;
}

/** Ends every secret of the key. `paddle`: as after an exposure, which nobody can undo. */
export function revoke(account: Account, id: string, { by }: { by: "user" | "paddle" }): void {
  const now = settle(account);
  const key = findKey(account, id);
  if (key.status !== "active") throw new Error(`${id} is ${key.status}; only an active key can be revoked`);
  markRevoked(account, key, by, now);
}

/** Marks and announces a revocation; whoever calls has let time pass. */
export function markRevoked(account: Account, key: Key, by: "user" | "paddle", now: number): void {
  key.status = "revoked";
  key.revoked = { by, at: now };
  key.updatedAt = now;
  emitKey(account, "api_key.revoked", key, now);
}

/** Undoes a user's revocation within 60 minutes; throws, saying why, where Paddle's dashboard would not. */
export function reactivate(account: Account, id: string): void {
  const now = settle(account);
  const key = findKey(account, id);
  const refusal = whyNotReactivated(key, now);
  if (refusal) throw new Error(`${id} cannot be reactivated: ${refusal}`);
  key.status = "active";
  key.revoked = null;
  key.updatedAt = now;
  if (account.switches.reactivationEvent) emitKey(account, "api_key.updated", key, now);
}

function whyNotReactivated(key: Key, now: number): string | null {
  if (!key.revoked) return `it is ${key.status}`;
  if (key.revoked.by === "paddle") return "Paddle revoked it";
  if (key.permissions === null) return "it is a legacy key";
  if (now - key.revoked.at > REACTIVATION_MS) return "it was revoked more than 60 minutes ago";
  if (key.expiresAt !== null && key.expiresAt <= now) return "its expiry has passed";
  return null;
}

export type KeyEdit = {
  readonly name?: string;
  readonly description?: string | null;
  readonly permissions?: readonly string[];
};

/** Changes what the dashboard lets people change of a key; its expiry is not part of it. */
export function editKey(account: Account, id: string, edit: KeyEdit): void {
  const now = settle(account);
  const key = findKey(account, id);
  if (key.status !== "active") throw new Error(`${id} is ${key.status}; only an active key can be edited`);
  if (edit.permissions && key.permissions === null)
    throw new Error(`${id} is a legacy key without permissions`);
  Object.assign(key, edit);
  key.updatedAt = now;
  emitKey(account, "api_key.updated", key, now);
}

/** Announces now that the key expires, without waiting for the seventh day before. */
export function warnExpiring(account: Account, id: string): void {
  const now = settle(account);
  const key = findKey(account, id);
  if (key.status !== "active" || key.expiresAt === null)
    throw new Error(`${id} is not an active key with an expiry, so Paddle would not announce it as expiring`);
  announceExpiry(account, key, now);
}

/** Lets the key's expiry come now. Nobody can do that at Paddle, but tests need not wait. */
export function expireNow(account: Account, id: string): void {
  const now = settle(account);
  const key = findKey(account, id);
  if (key.status !== "active") throw new Error(`${id} is ${key.status}; only an active key can expire`);
  key.expiresAt = now;
  settle(account);
}
