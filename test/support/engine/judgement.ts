/** Judges how a story ended: what may not be, and what may be only if people know of it. */
import { keyIdOf } from "../../../src/core/slots.ts";
import type { Key } from "../paddle-simulator/account/account.ts";
import { isAlive } from "../paddle-simulator/account/authenticate.ts";
import type { Job } from "./jobs.ts";
import type { World } from "./world.ts";

/** A world, and what happened in it that no store or record tells. */
export type Told = {
  readonly world: World;
  /** Rotations that a thief activated. */
  readonly stolen: ReadonlySet<string>;
  /** Ids of the keys that consumers used. */
  readonly wereActive: ReadonlySet<string>;
  readonly isRestored: boolean;
  /** A revocation that was taken back may be heard of when it is no longer true. */
  readonly wasReactivated: boolean;
  /** Secrets that were in the `active` slot. */
  readonly wereInUse: ReadonlySet<string>;
  /** Nobody ended, took over or replaced a key, and the store was not put back. */
  readonly isPeaceful: boolean;
};

/** Alerts about a secret that should be dead. */
const UNDYING = ["old-outlives-grace", "exposed-secret-lives"];

/** Alerts that give a key up. */
const VERDICTS = ["key-lost", "key-exposed", "key-expired", "key-revoked", "not-rotatable", "standby-used"];

/** What is wrong, in sentences. */
export function judge(told: Told): readonly string[] {
  return [...brokenIn(told), ...leftIn(told.world), ...unknownIn(told), ...hastyIn(told)];
}

/**
 * Some promises are kept only while nobody interferes; all must come to a right end even then. Somebody else's
 * rotation may kill whatever we hold. A store that was put back has forgotten what was issued. That what we
 * dropped is dead is Paddle's word.
 */
function brokenIn({ world, stolen, isRestored }: Told): readonly string[] {
  const { canceledSecret, oldSecrets, pendingTtlMs } = world.account.switches;
  const forgiven = [
    ...(stolen.size > 0 ? ["I1", "I2", "I7"] : []),
    ...(isRestored ? ["I3", "I4", "I8"] : []),
    ...(canceledSecret === "accepted" ? ["I7"] : []),
    // Another worker's request, sent a moment too late, ends the grace of a rotation that was just activated.
    ...(oldSecrets === "end-at-post" ? ["I2"] : []),
    // A person's key takes the standby's slot, and the standby's own successor was never used in time.
    ...(pendingTtlMs !== null && isBrought(world) ? ["I1"] : []),
  ];
  return world.broken.filter((what) => !forgiven.some((invariant) => what.startsWith(invariant)));
}

function* leftIn(world: World): Generator<string> {
  const { store, alerts, jobs } = world;
  const { active, old, pending, rolledBack } = store.slots;
  const lives = world.isAlive(active?.secret);
  const isWatched = isUndying(world) || isUnheardOf(world);
  if (!lives && !hasCritical(world)) yield "end: the active secret is dead and nobody knows";
  if (lives && old && !isWatched) yield "end: old is filled";
  if (lives && pending) yield "end: pending is filled";
  if (rolledBack) yield "end: rolled back";
  for (const job of jobs.all) {
    if (job.dueAt !== null && !isWatched) yield `end: ${nameOf(job)} goes on: ${job.sentences.at(-1)}`;
    if (job.outcome?.kind === "needs-person" && alerts.length === 0) yield `end: ${nameOf(job)} told nobody`;
  }
}

/** A cancelled secret that Paddle accepts all the same never dies; people were told to end the key. */
function isUndying(world: World): boolean {
  const { store, alerts } = world;
  return world.isAlive(store.slots.old?.secret) && alerts.some(({ kind }) => UNDYING.includes(kind));
}

/** A former key ended, but its webhook was lost, and no key of ours may read it: it is watched until a person looks. */
function isUnheardOf({ account, store, alerts, activeKeyId }: World): boolean {
  const formerId = store.slots.old && keyIdOf(store.slots.old);
  if (formerId === null || formerId === activeKeyId) return false;
  const isAsked = alerts.some(({ kind, keyId }) => kind === "former-key-lives" && keyId === formerId);
  return isAsked && account.keys.get(formerId)?.status !== "active";
}

/** What is dangerous although all jobs are over, and nobody was told of. */
function* unknownIn(told: Told): Generator<string> {
  const { world } = told;
  const { key, account, alerts, store, standbyStore } = world;
  const { active, old, standby } = store.slots;
  if (hasCritical(world) || !world.isAlive(active?.secret)) return;
  if (key.exposedAt !== null && (active?.issuedAt ?? 0) < key.exposedAt)
    yield "end: an exposed secret is in use and nobody knows";
  const kept = [active, old, standby].map((slot) => slot?.secret.reveal());
  const isTold = alerts.some(({ kind }) => UNDYING.includes(kind));
  for (const secret of told.wereInUse)
    if (!isTold && !told.isRestored && account.owners.get(secret) === key && !kept.includes(secret))
      if (isAlive(account, secret)) yield "end: a former secret lives, in no slot, and nobody knows";
  if (isStolen(key, told)) yield "end: a thief has the newest secret and nobody knows";
  const held = [active, old, standby, standbyStore?.slots.standby].map((slot) => slot && keyIdOf(slot));
  if (told.isRestored || told.wasReactivated) return;
  for (const former of account.keys.values()) {
    const { id, status } = former;
    if (status !== "active" || held.includes(id) || !told.wereActive.has(id)) continue;
    // Whoever brings another key for one that a thief took over knows what to do with that one.
    if (isBrought(world) && isStolen(former, told)) continue;
    if (!alerts.some(({ action, keyId }) => keyId === id && /revoke/i.test(action ?? "")))
      yield `end: ${id} was replaced, lives, and nobody was asked to end it`;
  }
}

/** A key that was alive and well all the time is never given up for dead. */
function* hastyIn({ world, isPeaceful }: Told): Generator<string> {
  const { account, keyId, alerts } = world;
  const key = account.keys.get(keyId);
  if (!isPeaceful || !key?.rotatable || key.status !== "active") return;
  if (world.activeKeyId !== keyId) yield "end: another key is in use without need";
  for (const { kind } of alerts) if (VERDICTS.includes(kind)) yield `end: ${kind} was told of a living key`;
}

function hasCritical({ alerts }: World): boolean {
  return alerts.some(({ severity }) => severity === "critical");
}

function isBrought({ jobs }: World): boolean {
  return jobs.all.some(({ work }) => work.job === "replace" && work.intent.kind === "manual");
}

function isStolen({ rotations }: Key, { stolen }: Told): boolean {
  const newest = rotations.findLast(({ status }) => status === "completed");
  return newest !== undefined && stolen.has(newest.id);
}

function nameOf({ work }: Job): string {
  return `${work.job} (${work.intent.kind})`;
}
