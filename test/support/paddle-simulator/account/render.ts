/** Keys and rotations as Paddle writes them. */
import type { ApiKeyEntity, RotationEntity } from "../entities.ts";
import type { Switches } from "../switches.ts";
import { shortTime } from "../times.ts";
import type { Key, Rotation } from "./account.ts";
import { mask } from "./mint.ts";

type WriteTime = (at: number) => string;

export function renderKey(key: Key, time: WriteTime): ApiKeyEntity {
  const orNull = (at: number | null, write: WriteTime) => (at === null ? null : write(at));
  return {
    id: key.id,
    name: key.name,
    description: key.description,
    key: mask(key.current),
    status: key.status,
    permissions: key.permissions,
    exposed_at: orNull(key.exposedAt, time),
    expires_at: orNull(key.expiresAt, shortTime),
    rotatable: key.rotatable,
    last_used_at: orNull(key.lastUsedAt, time),
    created_at: time(key.createdAt),
    updated_at: time(key.updatedAt),
  };
}

/** @param newKey how the new secret is shown; left out: not at all, as in webhooks */
export function renderRotation(
  rotation: Rotation,
  switches: Switches,
  time: WriteTime,
  newKey?: "plain" | "masked",
): RotationEntity {
  const { newSecret, expiresAt, newKeyExpiresAt: newExpiry } = rotation;
  const echoed = switches.rotationEchoesNewExpiry && newExpiry !== undefined;
  return {
    id: rotation.id,
    api_key_id: rotation.keyId,
    ...(newKey && { new_key: newKey === "plain" ? newSecret : mask(newSecret) }),
    grace_period_seconds: rotation.graceSeconds,
    status: rotation.status,
    ...(expiresAt !== null && { expires_at: time(expiresAt) }),
    ...(expiresAt === null && switches.pendingExpiresAt === "null" && { expires_at: null }),
    ...(echoed && { new_key_expires_at: newExpiry === null ? null : shortTime(newExpiry) }),
    ...(switches.rotationTimes && {
      created_at: time(rotation.createdAt),
      updated_at: time(rotation.updatedAt),
    }),
  };
}
