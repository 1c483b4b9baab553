/** The words of every alert about a key. Public text: key ids and fingerprints, never secrets. */
import type { Alert, Severity } from "../core/alert.ts";
import type { PaddleError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { IssuedSecret, Slots } from "../core/slots.ts";
import type { Work } from "../core/work.ts";

/** Where in Paddle's dashboard a person creates, looks at and revokes keys. */
const DASHBOARD = "Paddle > Developer tools > Authentication";

type Subject = { readonly name: string | null; readonly keyId: string };

function alert(
  kind: string,
  severity: Severity,
  subject: Subject,
  cause: string,
  now: number,
  text: { happened: string; action: string | null },
): Alert {
  const id = `${kind}-${subject.keyId}-${cause}`;
  return { id, kind, severity, keyName: subject.name, keyId: subject.keyId, ...text, raisedAt: now };
}

function by(expiresAt: number | null): string {
  return expiresAt === null ? "" : ` before ${new Date(expiresAt).toISOString()}, when the key expires`;
}

function on(expiresAt: number | null): string {
  return expiresAt === null ? " soon" : ` on ${new Date(expiresAt).toISOString()}`;
}

function of(key: ManagedKey, work: Work): Subject {
  return { name: key.name, keyId: work.keyId };
}

function replaceByHand(key: ManagedKey): string {
  return (
    `create a new rotatable key with the same permissions in ${DASHBOARD}, ` +
    `put it into ${key.store.location} and restart the applications that use it`
  );
}

export function keyIsLost(key: ManagedKey, work: Work, slots: Slots, now: number): Alert {
  const held = slots.active ? `the secret ${slots.active.secret.fingerprint()}` : "no active secret";
  return alert("key-lost", "critical", of(key, work), work.intent.id, now, {
    happened:
      `${key.name} is dead: Paddle accepts no secret in ${key.store.location}, which holds ${held}. ` +
      "The key was revoked, has expired, or somebody else rotated it.",
    action:
      `Now: look at ${work.keyId} in ${DASHBOARD}. If it is still active and nobody of you rotated it, ` +
      `revoke it there. Then ${replaceByHand(key)}.`,
  });
}

export function notRotatable(key: ManagedKey, work: Work, expiresAt: number | null, now: number): Alert {
  return alert("not-rotatable", "critical", of(key, work), work.intent.id, now, {
    happened: `${key.name} must be replaced by hand: the key ${work.keyId} was made without rotation, and that can't be changed.`,
    action: `${capital(replaceByHand(key))}${by(expiresAt)}.`,
  });
}

export function rotationRefused(
  key: ManagedKey,
  work: Work,
  expiresAt: number | null,
  error: PaddleError,
  now: number,
): Alert {
  return alert("rotation-refused", "critical", of(key, work), work.intent.id, now, {
    happened: `Paddle refuses to rotate ${key.name} although its active secret works: ${error.message}`,
    action: `Mend what Paddle names and retry the job, or ${replaceByHand(key)}${by(expiresAt)}.`,
  });
}

export function newExpiryRefused(key: ManagedKey, work: Work, expiresAt: number | null, now: number): Alert {
  return alert("new-expiry-refused", "warning", of(key, work), work.intent.id, now, {
    happened: `Paddle refused the new expiry of ${key.name}: the key is rotated and keeps its old expiry.`,
    action: `Set a shorter \`lifetime\` for ${key.name} and rotate it again${by(expiresAt)}.`,
  });
}

export function oldOutlivesGrace(key: ManagedKey, work: Work, old: IssuedSecret, now: number): Alert {
  return alert(
    "old-outlives-grace",
    "warning",
    of(key, work),
    old.secret.fingerprint().slice("sha256:".length),
    now,
    {
      happened: `The old secret ${old.secret.fingerprint()} of ${key.name} still works although its grace is over.`,
      action: `Nothing yet: it is asked again every few minutes. If this lasts, ask Paddle's support about ${work.keyId}.`,
    },
  );
}

export function keyExposed(key: ManagedKey | null, work: Work, now: number): Alert {
  const name = key?.name ?? "a key that is not managed here";
  return alert(
    "key-exposed",
    "critical",
    { name: key?.name ?? null, keyId: work.keyId },
    work.intent.id,
    now,
    {
      happened: `The secret of ${name} (${work.keyId}) was found in public. Graceful rotations of it are stopped.`,
      action: `Now: revoke ${work.keyId} in ${DASHBOARD} unless Paddle has done so. Then ${
        key ? replaceByHand(key) : "replace it in the applications that use it"
      }.`,
    },
  );
}

/** A key that can no longer rotate itself; `inUse`: consumers still hold it. */
export function keyEnded(
  key: ManagedKey | null,
  work: Work,
  how: "expired" | "revoked",
  inUse: boolean,
  now: number,
): Alert {
  const subject = { name: key?.name ?? null, keyId: work.keyId };
  if (key && inUse) {
    return alert(`key-${how}`, "critical", subject, work.intent.id, now, {
      happened: `${key.name} is dead: the key ${work.keyId} in ${key.store.location} is ${how}. It cannot rotate itself any more.`,
      action: `Now: ${replaceByHand(key)}.`,
    });
  }
  return alert(`key-${how}`, key ? "info" : "warning", subject, work.intent.id, now, {
    happened: key
      ? `${work.keyId}, a former key of ${key.name}, is ${how}. Nobody uses it.`
      : `${work.keyId}, a key that is not managed here, is ${how}.`,
    action: key ? null : "If an application uses it, replace it there; else nothing.",
  });
}

export function unmanagedExpiring(work: Work, now: number): Alert {
  return alert("unmanaged-key-expiring", "warning", { name: null, keyId: work.keyId }, work.intent.id, now, {
    happened: `${work.keyId}, a key that is not managed here, will expire${on(work.keyExpiresAt ?? null)}.`,
    action: `Add it to the configuration, or replace it by hand in ${DASHBOARD}.`,
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
