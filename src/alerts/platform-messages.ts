/** The words of alerts about keys that their platform rotates itself. Public text: fingerprints, never secrets. */
import type { Alert } from "../core/alert.ts";
import { formatDuration } from "../core/duration.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey, KeyRotation } from "../core/paddle-key.ts";
import type { PlatformState } from "../core/ports.ts";
import { type IssuedSecret, keyIdOf } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import { alert, capital, DASHBOARD, of, time } from "./words.ts";

type Stuck = Extract<PlatformState, { kind: "stuck" }> & {
  /** Paddle accepts the active secret. */
  readonly activeLives: boolean;
};

/** The alert that says that an incident is over, and the incident. */
type AllClear = { readonly incident: string; readonly alert: Alert };

const STUCK = "platform-stuck";
const NEEDS_KEY = "platform-needs-key";

/** The platform began a rotation and does not finish it. It blocks all later ones. */
export function platformStuck(key: ManagedKey, work: Work, stuck: Stuck, now: number): Alert {
  const platform = nameOf(key);
  const severity = isEmergency(work) || !stuck.activeLives ? "critical" : "warning";
  const dead = stuck.activeLives ? "" : " Paddle refuses the active secret: applications have no key.";
  const remedy = stuck.activeLives ? capital(stuck.free) : `Now: ${stuck.finish ?? stuck.free}`;
  return alert(STUCK, severity, of(key, work), work.intent.id, now, {
    happened: `${platform} began to rotate ${key.name} at ${time(stuck.since)} and does not finish, which blocks all rotations of ${key.store.location}.${dead}`,
    action: `${remedy}. ${afterwards(key, work)}`,
  });
}

/** Who only looked into a rotation has asked for none. */
function afterwards({ name }: ManagedKey, { job }: Work): string {
  return job === "inspect"
    ? `Then rotate it: npm run rotator -- rotate ${name}.`
    : "Then this job goes on by itself.";
}

export function platformFreed(key: ManagedKey, work: Work, now: number): AllClear {
  const { id: cause } = work.intent;
  return {
    incident: `${STUCK}-${work.keyId}-${cause}`,
    alert: alert("platform-freed", "info", of(key, work), cause, now, {
      happened: `${nameOf(key)} is not stuck with the rotation of ${key.name} any more.`,
      action: null,
    }),
  };
}

type Need = {
  /** What Paddle says of the key; null: it refuses the active secret. */
  readonly active: ApiKey | null;
  /** The one that lies ready in a store of its own; null: none does. */
  readonly standby: IssuedSecret | null;
  readonly now: number;
};

/** No rotation by the platform helps this key, and only a person can put another one there. */
export function platformNeedsKey(key: ManagedKey, work: Work, need: Need): Alert {
  const { location, platform } = key.store;
  const urgent = isEmergency(work) ? `Now: revoke ${work.keyId} in ${DASHBOARD} unless it is revoked. ` : "";
  return alert(NEEDS_KEY, "critical", of(key, work), causeOfNeed(work), need.now, {
    happened: `${key.name} needs another key: ${reason(key, work, need)}. ${nameOf(key)} rotates ${location}, so it can't be written from here.`,
    action: `${urgent}${capital(newKey(key, need.standby))}, and ${platform?.putKey ?? `put it into ${location}`}. Then this job goes on by itself.`,
  });
}

/** One alert for each expiry, whoever warns of it; and one for each other incident. */
function causeOfNeed({ intent, keyExpiresAt }: Work): string {
  if (intent.kind !== "expiring" || !keyExpiresAt) return intent.id;
  // Two renderings of the same expiry may differ in their fraction of a second.
  return `expiry-${Math.floor(keyExpiresAt / 1000)}`;
}

function reason(key: ManagedKey, { keyId, intent }: Work, { active, now }: Need): string {
  if (!active) return `Paddle refuses its secret of ${keyId}`;
  if (active.status !== "active") return `${keyId} is ${active.status}`;
  if (!active.rotatable) return `${keyId} was made without rotation`;
  if (intent.kind === "expiring" && active.expiresAt !== null)
    return `${keyId} expires at ${time(active.expiresAt)}, in ${formatDuration(active.expiresAt - now)}, and a rotation by ${nameOf(key)} gives it no new expiry`;
  return "its replacement was asked for";
}

function newKey({ standbyStore }: ManagedKey, standby: IssuedSecret | null): string {
  if (standby && standbyStore)
    return `take the standby ${keyIdOf(standby) ?? standby.secret.fingerprint()}, which is ready in ${standbyStore.location}`;
  return `create a new rotatable key with the same permissions in ${DASHBOARD}`;
}

export function platformHasKey(key: ManagedKey, work: Work, now: number): AllClear {
  const cause = causeOfNeed(work);
  return {
    incident: `${NEEDS_KEY}-${work.keyId}-${cause}`,
    alert: alert("platform-has-key", "info", of(key, work), cause, now, {
      happened: `${key.name} needs no other key any more.`,
      action: null,
    }),
  };
}

/** An exposed secret may be the one that an earlier grace keeps alive, out of everybody's sight. */
export function formerGrace(key: ManagedKey, work: Work, { id, expiresAt }: KeyRotation, now: number): Alert {
  const until = expiresAt === null ? "" : ` until ${time(expiresAt)}`;
  return alert("exposed-secret-lives", "critical", of(key, work), `grace-of-${id}`, now, {
    happened: `${key.name} was rotated without a grace, and yet a former secret lives${until}: the grace of the earlier rotation ${id} keeps it alive.`,
    action: `Now: if it may be the exposed one and whoever has it can do harm, revoke ${work.keyId} in ${DASHBOARD}, then create a new key and ${key.store.platform?.putKey ?? `put it into ${key.store.location}`}. Else wait${until}.`,
  });
}

function nameOf({ store }: ManagedKey): string {
  return store.platform?.name ?? "The platform";
}

function isEmergency({ intent }: Work): boolean {
  return intent.kind === "exposed" || intent.kind === "foreign-rotation";
}
