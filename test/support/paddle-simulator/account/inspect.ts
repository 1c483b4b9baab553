/** What a test may see of a key that Paddle's API does not show: its secrets, above all. */
import type { KeyStatus, RotationStatus } from "../entities.ts";
import { type Account, findKey, livingOld, type OldSecret, pendingRotation } from "./account.ts";
import { settle } from "./settle.ts";

export type KeyView = {
  readonly id: string;
  readonly name: string;
  readonly status: KeyStatus;
  readonly rotatable: boolean;
  readonly permissions: readonly string[] | null;
  readonly exposedAt: number | null;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly current: string;
  /** Secrets that are in grace now, oldest first. */
  readonly old: readonly OldSecret[];
  readonly pending: {
    readonly rotationId: string;
    readonly secret: string;
    readonly graceSeconds: number;
  } | null;
  /** Oldest first. */
  readonly rotations: readonly RotationView[];
};

export type RotationView = {
  readonly id: string;
  readonly status: RotationStatus;
  readonly secret: string;
  readonly graceSeconds: number;
  readonly createdAt: number;
  /** When the former secret dies; null until the rotation is completed. */
  readonly expiresAt: number | null;
};

/** A key as it is now. It is a copy: it does not change later. */
export function inspectKey(account: Account, id: string): KeyView {
  const now = settle(account);
  const key = findKey(account, id);
  const pending = pendingRotation(key);
  const { name, status, rotatable, permissions, exposedAt, expiresAt, lastUsedAt, current } = key;
  return {
    id,
    name,
    status,
    rotatable,
    permissions,
    exposedAt,
    expiresAt,
    lastUsedAt,
    current,
    old: livingOld(key, now),
    pending: pending && {
      rotationId: pending.id,
      secret: pending.newSecret,
      graceSeconds: pending.graceSeconds,
    },
    rotations: key.rotations.map((rotation) => ({
      id: rotation.id,
      status: rotation.status,
      secret: rotation.newSecret,
      graceSeconds: rotation.graceSeconds,
      createdAt: rotation.createdAt,
      expiresAt: rotation.expiresAt,
    })),
  };
}

/** How many rotations of the key were completed by a first use. */
export function activatedRotations(account: Account, id: string): number {
  settle(account);
  return findKey(account, id).rotations.filter(({ status }) => status === "completed").length;
}
