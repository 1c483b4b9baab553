/** Who a secret is, and what its first use sets off (Paddle's docs, "Rotate API keys"). */
import { type Account, emitKey, emitRotation, type Key, livingOld, type Rotation } from "./account.ts";
import { scheduleNotice, settle } from "./settle.ts";

const HOUR_MS = 3_600_000;

/**
 * The key that `secret` authenticates, or null where Paddle answers `invalid_token`. The first use of a pending
 * secret completes its rotation in this very call.
 */
export function authenticate(account: Account, secret: string): Key | null {
  const now = settle(account);
  const found = recognise(account, secret, now);
  if (!found) return null;
  const { key, pending } = found;
  if (pending) complete(account, key, pending, now);
  // Paddle's `last_used_at` is accurate to the hour only.
  if (key.lastUsedAt === null || now - key.lastUsedAt >= HOUR_MS) key.lastUsedAt = now;
  return key;
}

/** Whether `secret` would authenticate now. Looking activates nothing. */
export function isAlive(account: Account, secret: string): boolean {
  return recognise(account, secret, settle(account)) !== null;
}

type Recognised = { readonly key: Key; readonly pending: Rotation | null };

function recognise(account: Account, secret: string, now: number): Recognised | null {
  const key = account.owners.get(secret);
  if (key?.status !== "active") return null;
  const isLiving = key.current === secret || livingOld(key, now).some((old) => old.secret === secret);
  if (isLiving) return { key, pending: null };
  const rotation = key.rotations.find(({ newSecret }) => newSecret === secret);
  if (rotation?.status === "pending") return { key, pending: rotation };
  const isAccepted = rotation?.status === "canceled" && account.switches.canceledSecret === "accepted";
  return isAccepted ? { key, pending: null } : null;
}

function complete(account: Account, key: Key, rotation: Rotation, now: number): void {
  const diesAt = now + rotation.graceSeconds * 1000;
  const stays = account.switches.oldSecrets === "stack" ? key.old : [];
  key.old = [...stays, { secret: key.current, diesAt: diesAt + account.switches.oldSecretOutlivesMs }];
  key.current = rotation.newSecret;
  rotation.status = "completed";
  rotation.expiresAt = diesAt;
  rotation.updatedAt = now;
  emitRotation(account, "api_key_rotation.updated", rotation, now);
  if (rotation.newKeyExpiresAt !== undefined) renew(account, key, rotation.newKeyExpiresAt, now);
}

function renew(account: Account, key: Key, expiresAt: number | null, now: number): void {
  key.expiresAt = expiresAt;
  key.updatedAt = now;
  scheduleNotice(account, key, now);
  emitKey(account, "api_key.updated", key, now);
}
