/** Starts a rotation of a key. Whether the caller may is the API's question (Paddle's docs, "Rotate an API key"). */
import { type Account, emitRotation, type Key, pendingRotation, type Rotation } from "./account.ts";
import { cancelRotation, settle } from "./settle.ts";

export type Terms = {
  readonly graceSeconds: number;
  /** Epoch milliseconds; null: never; undefined: as before. */
  readonly newKeyExpiresAt: number | null | undefined;
};

/** Mints the new secret. A rotation that is still pending is canceled; old secrets live on. */
export function startRotation(account: Account, key: Key, terms: Terms): Rotation {
  const now = settle(account);
  const superseded = pendingRotation(key);
  if (superseded) cancelRotation(account, superseded, now);
  if (account.switches.oldSecrets === "end-at-post") key.old = [];
  const rotation: Rotation = {
    id: account.mint.id("apkrot", now),
    keyId: key.id,
    newSecret: account.mint.secret(account.environment, key.id),
    ...terms,
    createdAt: now,
    status: "pending",
    expiresAt: null,
    updatedAt: now,
  };
  key.rotations.push(rotation);
  account.owners.set(rotation.newSecret, key);
  emitRotation(account, "api_key_rotation.created", rotation, now);
  return rotation;
}
