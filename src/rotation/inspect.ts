/**
 * Looks into an event that may mean nothing or everything: a rotation that may not be ours, a key that was made or
 * changed. It only looks, tells people, and asks for work; it writes no slot.
 */
import { type Found, unmanagedKeySeen } from "../alerts/inspect-messages.ts";
import { conditionOf, warnOfChanges } from "../alerts/key-warnings.ts";
import { onChange } from "../alerts/on-change.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { JobHold } from "../core/ports.ts";
import { activeKeyId, type IssuedSecret, type Slots } from "../core/slots.ts";
import type { Outcome, Work } from "../core/work.ts";
import { activeRefused, done, inspectRotation } from "./inspect-rotation.ts";
import type { Inspection, InspectionPorts } from "./inspection.ts";
import { tellIfReactivated } from "./reactivated.ts";

export type InspectDeps = InspectionPorts & {
  /** When the key's policy rotates it next, epoch milliseconds; null: never. */
  readonly rotatesAt: (key: ManagedKey, active: IssuedSecret, paddleKey: ApiKey) => number | null;
};

/** From a secret's issue to the end of its activation, at worst. */
const OWN_DOING_MS = 10 * 60_000;

/** `key`: the managed key whose store holds this key; null: no store does. */
export async function inspect(
  work: Work,
  key: ManagedKey | null,
  hold: JobHold,
  deps: InspectDeps,
): Promise<Outcome> {
  const { inspected, keyId } = work;
  if (!inspected) throw new Error("inspect: the work does not say what to look into");
  if (!key) return unmanaged(work, deps);
  const { slots } = await key.store.read();
  const { active } = slots;
  if (!active || activeKeyId(slots) !== keyId)
    return done("not-active", `${keyId} is not the active key of ${key.name}; nothing to look into.`);
  if (inspected.what === "key" && isOwnDoing(slots, work))
    return done("own-rotation", `${key.name} was changed by our own rotation; nothing to look into.`);
  const inspection = { ...deps, work, key, hold, active };
  return inspected.what === "key"
    ? inspectKey(inspection, deps.rotatesAt)
    : inspectRotation(inspection, inspected.rotationId);
}

/** A rotation of ours changes the key, and Paddle says so. The sweep looks at the key soon enough. */
function isOwnDoing({ active, pending }: Slots, { intent }: Work): boolean {
  if (pending) return true;
  const issuedAt = active?.issuedAt ?? null;
  return issuedAt !== null && Math.abs(intent.requestedAt - issuedAt) < OWN_DOING_MS;
}

async function unmanaged(
  { keyId, inspected }: Work,
  { records, alerts, clock }: InspectDeps,
): Promise<Outcome> {
  if (inspected?.what === "key")
    await onChange(records, keyId, "unmanaged", () => alerts.raise(unmanagedKeySeen(keyId, clock.now())));
  return done("not-managed", `${keyId} is no key of the configuration.`);
}

async function inspectKey(inspection: Inspection, planned: InspectDeps["rotatesAt"]): Promise<Outcome> {
  const { work, key, active, hold, clock, records, alerts } = inspection;
  const { keyId } = work;
  await hold.lease.confirm();
  const answer = await inspection.paddle.ask(keyId, active.secret);
  if (!answer.accepted) return activeRefused(inspection);
  const found: Found = { key, keyId, now: clock.now() };
  const rotatesAt = planned(key, active, answer.key);
  await warnOfChanges(found, conditionOf(answer.key, key.policy, rotatesAt, found.now), { records, alerts });
  if (answer.key.status === "active") await tellIfReactivated(key, keyId, inspection);
  return done("inspected", `${key.name} was looked at after ${work.intent.id}.`);
}
