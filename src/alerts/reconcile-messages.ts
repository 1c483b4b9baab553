/** The words of the alerts that a sweep raises. Public text. */
import type { Alert, AlertKind, Incident, Severity } from "../core/alert.ts";
import { inWords, type StandbyFault } from "./standby-faults.ts";
import { formatDuration } from "../core/duration.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { KeyRotation } from "../core/paddle-key.ts";
import type { IssuedSecret } from "../core/slots.ts";
import { about, type Found } from "./inspect-messages.ts";
import { bringAnotherKey, DASHBOARD, time } from "./words.ts";

export function maybeExposed(found: Found, exposedAt: number, active: IssuedSecret): Alert {
  const { key, keyId } = found;
  const fingerprint = active.secret.fingerprint();
  return about(found, "maybe-exposed", "critical", `${exposedAt}-${fingerprint.slice("sha256:".length)}`, {
    happened: `${keyId} was found in public at ${time(exposedAt)}, and it is not known whether ${fingerprint}, the active secret of ${key.name}, was issued after that.`,
    action: key.standbyOf
      ? `Unless it was: ${bringAnotherKey(key)}.`
      : `Unless it was: \`npm run rotator -- rotate ${key.name} --revoke-first\`. It ends the exposed secret at once; applications fail until they have read the new one.`,
  });
}

export function storeRestored(found: Found, rotation: KeyRotation, active: IssuedSecret): Alert {
  const { key, keyId, now } = found;
  const { expiresAt } = rotation;
  const dies =
    expiresAt === null ? "dies soon" : `${expiresAt > now ? "dies" : "was to die"} at ${time(expiresAt)}`;
  return about(found, "store-restored", "critical", rotation.id, {
    happened:
      `${key.store.location} was put back to an earlier state: it holds ${active.secret.fingerprint()} of ${key.name}, ` +
      `but ${keyId} was rotated after that (${rotation.id}). The secret in the store ${dies}.`,
    action:
      `Now: put the secret of ${rotation.id} back into ${key.store.location}, from a newer backup or from an application ` +
      `that still has it. If nobody has it, ${bringAnotherKey(key)}.`,
  });
}

export function standbyUnfit(found: Found, fault: StandbyFault, changeId: string): Alert {
  const { key } = found;
  const urgent: Severity = fault.is === "exposed" ? "critical" : "warning";
  const revoke = fault.is === "exposed" ? `Now: revoke it in ${DASHBOARD}. Then create` : "Create";
  return about(found, "standby-unfit", urgent, changeId, {
    happened: `The standby of ${key.name} ${inWords(fault)}. Without a standby, a dead key waits for a person.`,
    action: `${revoke} a new rotatable key with the permissions of ${key.name} in ${DASHBOARD} and put it in the standby's place.`,
  });
}

/** There is no key id to name: the store holds nothing that carries one. */
export function activeUnusable(
  key: ManagedKey,
  is: "empty" | "legacy",
  changeId: string,
  now: number,
): Alert {
  const { name, store } = key;
  const kind: AlertKind = is === "empty" ? "no-active-secret" : "legacy-key";
  return {
    id: `${kind}-${name}-${changeId}`,
    kind,
    severity: "warning",
    keyName: name,
    keyId: null,
    happened:
      is === "empty"
        ? `${name} has no active secret: ${store.location} holds none.`
        : `${name} is a legacy key, or no Paddle key at all: its secret in ${store.location} names no key id, so it cannot be rotated or watched.`,
    action: `Create a rotatable key in ${DASHBOARD} and put its secret into ${store.location}.`,
    raisedAt: now,
  };
}

/** There may be no key id to name: what holds it cannot be read. */
export function keyUnchecked(key: ManagedKey, reason: string, changeId: string, now: number): Alert {
  return ofKey(key, "key-unchecked", "warning", changeId, "open", now, {
    happened: `${key.name} cannot be looked after: ${reason}.`,
    action: "Mend what is named. Until then this key is not rotated; the others are.",
  });
}

export function keyChecked(key: ManagedKey, changeId: string, now: number): Alert {
  return ofKey(key, "key-checked", "info", changeId, "over", now, {
    happened: `${key.name} is looked after again.`,
    action: null,
  });
}

/** Nobody may read the account's events. */
export function noReader(permission: string, changeId: string, now: number): Alert {
  return account("no-reader", "info", changeId, now, {
    happened:
      `No managed key has the permission ${permission}. A webhook that never arrives is not made up for, except by ` +
      "looking at the managed keys themselves.",
    action: `To change that, give one managed key ${permission} in ${DASHBOARD}, or name one by \`readWith\` in the section reconcile.`,
  });
}

export function webhooksMissed(count: number, now: number): Alert {
  const events = count === 1 ? "1 event" : `${count} events`;
  const day = time(now).slice(0, "2026-11-21".length);
  return account("webhooks-missed", "warning", day, now, {
    happened: `${events} came only by catch-up: no webhook had brought them.`,
    action:
      "Check the destination in Paddle > Developer tools > Notifications: its address, its failed deliveries and its secret key.",
  });
}

export type DestinationFault =
  | { readonly is: "missing" | "inactive" }
  | { readonly is: "unsubscribed"; readonly events: readonly string[] };

export function destinationUnfit(fault: DestinationFault, changeId: string, now: number): Alert {
  const where = "Paddle > Developer tools > Notifications";
  const texts: Record<DestinationFault["is"], Words> = {
    missing: {
      happened: "No notification destination of the account leads here (/webhooks/paddle).",
      action: `Create one in ${where}. If it has another address, set \`publicUrl\` in the section reconcile to that.`,
    },
    inactive: {
      happened: "The notification destination that leads here is switched off: no webhook comes.",
      action: `Switch it on again in ${where}.`,
    },
    unsubscribed: {
      happened: `The notification destination that leads here lacks events: ${fault.is === "unsubscribed" ? fault.events.join(", ") : ""}.`,
      action: `Subscribe it to them in ${where}.`,
    },
  };
  return account("destination-unfit", "warning", changeId, now, texts[fault.is]);
}

/** @param reason why the last sweep failed; null: none said, because none has ended */
export function sweepsFail(lastGoodAt: number, reason: string | null, now: number): Alert {
  const silence = `No sweep has gone well for ${formatDuration(now - lastGoodAt)}`;
  const meanwhile = "Until then keys are rotated by webhooks alone, and what those miss is missed.";
  const fails = {
    happened: `${silence}; the last one failed because ${reason}.`,
    action: `Mend what is named. ${meanwhile}`,
  };
  const hangs = {
    happened: `${silence}, and none says why: they hang, or none is begun any more.`,
    action: `Restart the workers. If that does not help, look for the job \`reconcile\` in the queue \`upkeep\` of the dashboard. ${meanwhile}`,
  };
  return account("sweeps-fail", "critical", String(lastGoodAt), now, reason === null ? hangs : fails);
}

export function sweepsIncident(lastGoodAt: number): string {
  return `sweeps-fail-${lastGoodAt}`;
}

export function sweepsWork(lastGoodAt: number, now: number): Alert {
  return account("sweeps-work", "info", String(lastGoodAt), now, {
    happened: `A sweep has gone well again, ${formatDuration(now - lastGoodAt)} after the last one that did.`,
    action: null,
  });
}

type Words = { readonly happened: string; readonly action: string | null };

/** About a key of which nothing is known but its name. */
function ofKey(
  { name }: ManagedKey,
  kind: AlertKind,
  severity: Severity,
  changeId: string,
  state: Incident["state"],
  now: number,
  words: Words,
): Alert {
  const incident = { id: `key-unchecked-${name}`, state };
  const id = `${kind}-${name}-${changeId}`;
  return { id, kind, severity, keyName: name, keyId: null, ...words, raisedAt: now, incident };
}

/** About the whole account. */
function account(kind: AlertKind, severity: Severity, cause: string, now: number, words: Words): Alert {
  return { id: `${kind}-${cause}`, kind, severity, keyName: null, keyId: null, ...words, raisedAt: now };
}
