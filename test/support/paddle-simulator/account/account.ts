/**
 * One Paddle account: its keys, their secrets and rotations, and the events that happened. Nothing here reads a
 * clock, a random source or the network by itself, so that a model test can drive it in memory. The acts on
 * it are in the files beside this one; each begins by letting time pass (`settle`).
 */
import type { TimeSource } from "../clock.ts";
import type { ApiKeyEntity, ExposureEntity, KeyStatus, RotationEntity, RotationStatus } from "../entities.ts";
import { shortTime } from "../times.ts";
import type { EventType } from "../events.ts";
import type { Switches } from "../switches.ts";
import type { Destination } from "./destinations.ts";
import { type Environment, Mint, type Random } from "./mint.ts";
import { renderKey, renderRotation } from "./render.ts";

export type OldSecret = { readonly secret: string; readonly diesAt: number };

export type Rotation = {
  readonly id: string;
  readonly keyId: string;
  readonly newSecret: string;
  readonly graceSeconds: number;
  /** null: the key will never expire; undefined: it keeps its expiry. */
  readonly newKeyExpiresAt: number | null | undefined;
  readonly createdAt: number;
  status: RotationStatus;
  /** When the former secret dies; null until the rotation is completed. */
  expiresAt: number | null;
  updatedAt: number;
};

export type Key = {
  readonly id: string;
  name: string;
  description: string | null;
  /** null: a legacy key, which may do everything. */
  permissions: readonly string[] | null;
  readonly rotatable: boolean;
  readonly createdAt: number;
  status: KeyStatus;
  /** Set while revoked. */
  revoked: { readonly by: "user" | "paddle"; readonly at: number } | null;
  exposedAt: number | null;
  expiresAt: number | null;
  lastUsedAt: number | null;
  updatedAt: number;
  current: string;
  /** Secrets before the current one, oldest first, the dead ones too. */
  old: OldSecret[];
  /** Oldest first; at most the last one is pending. */
  readonly rotations: Rotation[];
  /** When `api_key.expiring` is due; null: not, or no more. */
  noticeAt: number | null;
  noticed: boolean;
};

export type PaddleEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly occurredAt: number;
  readonly data: ApiKeyEntity | RotationEntity | ExposureEntity;
};

export type Account = {
  readonly id: string;
  readonly environment: Environment;
  readonly switches: Switches;
  readonly clock: TimeSource;
  readonly mint: Mint;
  /** By id, in the order of creation. */
  readonly keys: Map<string, Key>;
  /** Which key a secret is or was of. */
  readonly owners: Map<string, Key>;
  /** Oldest first. */
  readonly events: PaddleEvent[];
  /** Where webhooks go, oldest first. */
  readonly destinations: Destination[];
};

export function openAccount(given: {
  environment: Environment;
  switches: Switches;
  clock: TimeSource;
  random: Random;
}): Account {
  const { environment, switches, clock } = given;
  const mint = new Mint(given.random);
  const id = mint.id("acc", clock.now());
  const nothing = { keys: new Map(), owners: new Map(), events: [], destinations: [] };
  return { id, environment, switches, clock, mint, ...nothing };
}

/** The key, or an error for the author of a test who names one that is not there. */
export function findKey(account: Account, id: string): Key {
  const key = account.keys.get(id);
  if (!key) throw new Error(`this account has no key ${id}; it has ${[...account.keys.keys()].join(", ")}`);
  return key;
}

export function pendingRotation(key: Key): Rotation | null {
  return key.rotations.find(({ status }) => status === "pending") ?? null;
}

/** Old secrets that are still in grace. */
export function livingOld(key: Key, now: number): OldSecret[] {
  return key.old.filter(({ diesAt }) => now < diesAt);
}

export function emitKey(account: Account, type: EventType, key: Key, at: number): void {
  emit(account, type, renderKey(key, shortTime), at);
}

export function emitRotation(account: Account, type: EventType, rotation: Rotation, at: number): void {
  emit(account, type, renderRotation(rotation, account.switches, shortTime), at);
}

export function emit(account: Account, type: EventType, data: PaddleEvent["data"], at: number): void {
  account.events.push({ id: account.mint.id("evt", at), type, occurredAt: at, data });
}
