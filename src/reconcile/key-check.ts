/** Looks after one managed key: reads its slots, asks Paddle, and puts the work that is missing into the queue. */
import type { Found } from "../alerts/inspect-messages.ts";
import { conditionOf, warnOfChanges } from "../alerts/key-warnings.ts";
import { onChange } from "../alerts/on-change.ts";
import { activeUnusable, maybeExposed, standbyUnfit, storeRestored } from "../alerts/reconcile-messages.ts";
import {
  issuedRotations,
  knownOrigins,
  lastIssuingIntent,
  newestCompleted,
  rotationsInSlots,
} from "../core/issued-rotations.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey, KeyRotation } from "../core/paddle-key.ts";
import type { Alerts, Clock, KeyAnswer, PaddleApi, Records, WorkQueue } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { type IssuedSecret, keyIdOf, type Slots } from "../core/slots.ts";
import { findingsOf, type KeySituation, planned, workFor } from "./findings.ts";
import { standbyFault } from "./standby.ts";
import { isDaysTurn } from "./turns.ts";

export type CheckDeps = {
  readonly paddle: Pick<PaddleApi, "ask" | "listRotations">;
  readonly records: Records;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly queue: Pick<WorkQueue, "put" | "isUnfinished">;
  /** How often sweeps are made. */
  readonly everyMs: number;
};

/** A secret that Paddle has just accepted, and what it may read. */
export type Reader = {
  readonly keyName: string;
  readonly secret: Secret;
  readonly permissions: ApiKey["permissions"];
};

export type Checked = { readonly put: number; readonly reader: Reader | null };

const NOTHING: Checked = { put: 0, reader: null };

/** `ask`: whether Paddle may be asked about this key this time. Throws RotatorError. */
export async function checkKey(key: ManagedKey, ask: boolean, deps: CheckDeps): Promise<Checked> {
  const { slots: stored, version } = await key.store.read();
  const keyId = stored.active && keyIdOf(stored.active);
  await tellUnusable(key, stored.active ? (keyId ? "usable" : "legacy") : "empty", deps);
  if (!keyId) return NOTHING;
  const slots = await knownOrigins(deps.records)(keyId, stored);
  const { active } = slots;
  if (!active) return NOTHING;

  const answer = ask ? await deps.paddle.ask(keyId, active.secret) : null;
  // A refusal is a verdict only while nothing has changed.
  if (answer?.accepted === false && (await key.store.read()).version !== version) return NOTHING;
  const situation = await situationOf({ key, keyId, slots, active, answer }, deps);
  const put = await act(situation, deps);
  if (!answer?.accepted) return { put, reader: null };

  const found: Found = { key, keyId, now: situation.now };
  const rotatesAt = planned(situation, answer.key)?.at ?? null;
  await warnOfChanges(found, conditionOf(answer.key, key.policy, rotatesAt, found.now), deps);
  await checkStandby(found, slots, answer.key, deps);
  return { put, reader: { keyName: key.name, secret: active.secret, permissions: answer.key.permissions } };
}

type Observed = {
  readonly key: ManagedKey;
  readonly keyId: string;
  readonly slots: Slots;
  readonly active: IssuedSecret;
  readonly answer: KeyAnswer | null;
};

async function situationOf(observed: Observed, deps: CheckDeps): Promise<KeySituation> {
  const { keyId, slots, active, answer } = observed;
  const now = deps.clock.now();
  const issued = await issuedRotations(deps.records, keyId);
  return {
    ...observed,
    now,
    firstSeenAt: await firstSeen(active, now, deps.records),
    isDriven: await isDriven(observed, deps),
    newestCompleted: answer?.accepted ? await newestIfDoubtful(observed, issued[0], now, deps) : null,
    ourIds: new Set([...issued, ...rotationsInSlots(slots)]),
  };
}

async function firstSeen({ secret }: IssuedSecret, now: number, records: Records): Promise<number> {
  const id = secret.fingerprint();
  const known = await records.get("first-seen", id);
  if (typeof known === "number") return known;
  await records.putIfAbsent("first-seen", id, now);
  return now;
}

/** Whether a job that is not finished looks after what the slots have in flight. */
async function isDriven({ keyId, slots, answer }: Observed, { queue, records }: CheckDeps): Promise<boolean> {
  const isQuiet = !slots.pending && !slots.old && !slots.rolledBack && answer?.accepted !== false;
  if (isQuiet) return false;
  const subject = (slots.old && keyIdOf(slots.old)) ?? keyId;
  const resumed = (await records.list(`resumes-${subject}`, { limit: 1 }))[0]?.value;
  const intents = new Set([
    slots.pending?.intentId,
    slots.active?.intentId,
    slots.old?.intentId,
    await lastIssuingIntent(records, keyId),
    typeof resumed === "string" ? resumed : null,
  ]);
  for (const intent of intents) if (intent && (await queue.isUnfinished(intent))) return true;
  return false;
}

/** Looked at once a day, and once when the store does not hold what we issued last. */
async function newestIfDoubtful(
  { keyId, slots, active }: Observed,
  lastIssued: string | undefined,
  now: number,
  { paddle, records, everyMs }: CheckDeps,
): Promise<KeyRotation | null> {
  const doubt = `${active.secret.fingerprint()}-${lastIssued}`;
  const isDoubtful =
    lastIssued !== undefined &&
    !rotationsInSlots(slots).includes(lastIssued) &&
    (await records.get("doubted", doubt)) === undefined;
  if (!isDoubtful && !isDaysTurn(keyId, now, everyMs)) return null;
  const newest = newestCompleted(await paddle.listRotations(keyId, active.secret));
  if (isDoubtful) await records.putIfAbsent("doubted", doubt, now);
  return newest;
}

async function act(situation: KeySituation, { queue, alerts, records }: CheckDeps): Promise<number> {
  const { key, keyId, active, now } = situation;
  let put = 0;
  for (const finding of findingsOf(situation)) {
    const work = workFor(finding, situation);
    if (work) {
      await queue.put(work);
      put += 1;
      if (work.intent.kind === "resume") await rememberResume(work.keyId, work.intent.id, records);
    }
    if (finding.find === "maybe-exposed")
      await alerts.raise(maybeExposed({ key, keyId, now }, finding.exposedAt, active));
    if (finding.find === "restored")
      await alerts.raise(storeRestored({ key, keyId, now }, finding.rotation, active));
  }
  return put;
}

async function rememberResume(keyId: string, intentId: string, records: Records): Promise<void> {
  const [last] = await records.list(`resumes-${keyId}`, { limit: 1 });
  if (last?.value !== intentId) await records.append(`resumes-${keyId}`, intentId);
}

async function tellUnusable(
  key: ManagedKey,
  state: "usable" | "legacy" | "empty",
  { records, alerts, clock }: CheckDeps,
): Promise<void> {
  await onChange(records, `store-${key.name}`, state, async ({ id }) => {
    if (state !== "usable") await alerts.raise(activeUnusable(key, state, id, clock.now()));
  });
}

/** A standby that fails when it is needed is worse than none: people rely on it. */
async function checkStandby(found: Found, slots: Slots, activeKey: ApiKey, deps: CheckDeps): Promise<void> {
  const { key, keyId, now } = found;
  const standby = key.standbyStore ? (await key.standbyStore.read()).slots.standby : slots.standby;
  const standbyKeyId = standby && keyIdOf(standby);
  const isAskable = standby && standbyKeyId && standbyKeyId !== keyId;
  const answer = isAskable ? await deps.paddle.ask(standbyKeyId, standby.secret) : null;
  // In a store of its own it is rotated like any other key; its expiry is no news.
  const renewBeforeMs = key.standbyStore ? 0 : key.policy.renewBeforeMs;
  const fault =
    standby &&
    standbyFault({
      now,
      renewBeforeMs,
      activeKeyId: keyId,
      activeKey,
      standbyIssuedAt: standby.issuedAt,
      standbyKeyId,
      answer,
    });
  const state = { fingerprint: standby?.secret.fingerprint() ?? null, fault: fault && { ...fault } };
  await onChange(deps.records, `standby-${key.name}`, state, async ({ id }) => {
    if (fault) await deps.alerts.raise(standbyUnfit(found, fault, id));
  });
}
