/** Lets time pass: what fell due since the last look happens now, in the order and at the times it was due. */
import { type Account, emitKey, emitRotation, type Key, pendingRotation, type Rotation } from "./account.ts";

const DAY_MS = 86_400_000;
const NOTICE_MS = 7 * DAY_MS;

/** Brings the account up to its clock and returns the time, epoch milliseconds. */
export function settle(account: Account): number {
  const now = account.clock.now();
  for (let key = firstDue(account, now); key; key = firstDue(account, now)) comeDue(account, key);
  return now;
}

/** Decides when a key that has just got its expiry will be announced as expiring (Paddle: 7 days before). */
export function scheduleNotice({ switches }: Account, key: Key, now: number): void {
  key.noticeAt = null;
  if (key.expiresAt === null || (key.noticed && !switches.noticeAfterNewExpiry)) return;
  const at = key.expiresAt - NOTICE_MS;
  if (at > now) key.noticeAt = at;
  else if (switches.noticeForShortLives) key.noticeAt = now;
}

/** The key to which something happens first. It is asked at every request, so it allocates nothing. */
function firstDue(account: Account, now: number): Key | null {
  let first: Key | null = null;
  let firstAt = now;
  for (const key of account.keys.values()) {
    const at = dueAt(account, key);
    if (at < firstAt || (at === firstAt && !first)) {
      first = key;
      firstAt = at;
    }
  }
  return first;
}

function dueAt(account: Account, key: Key): number {
  return Math.min(noticeDueAt(key), expiryDueAt(key), ttlDueAt(account, key));
}

function comeDue(account: Account, key: Key): void {
  const at = dueAt(account, key);
  const pending = pendingRotation(key);
  if (at === noticeDueAt(key)) announceExpiry(account, key, at);
  else if (at === expiryDueAt(key)) expire(account, key, at);
  else if (pending) cancelRotation(account, pending, at);
}

function noticeDueAt({ status, noticeAt }: Key): number {
  return status === "active" ? (noticeAt ?? Infinity) : Infinity;
}

function expiryDueAt({ status, expiresAt }: Key): number {
  return status === "active" ? (expiresAt ?? Infinity) : Infinity;
}

function ttlDueAt({ switches: { pendingTtlMs } }: Account, key: Key): number {
  const pending = pendingTtlMs === null ? null : pendingRotation(key);
  return pending && pendingTtlMs !== null ? pending.createdAt + pendingTtlMs : Infinity;
}

/** Emits `api_key.expiring`; the key itself does not change. */
export function announceExpiry(account: Account, key: Key, at: number): void {
  key.noticeAt = null;
  key.noticed = true;
  emitKey(account, "api_key.expiring", key, at);
}

function expire(account: Account, key: Key, at: number): void {
  key.status = "expired";
  emitKey(account, "api_key.expired", key, at);
}

/** Its secret, never used, becomes useless. */
export function cancelRotation(account: Account, rotation: Rotation, at: number): void {
  rotation.status = "canceled";
  rotation.updatedAt = at;
  emitRotation(account, "api_key_rotation.updated", rotation, at);
}
