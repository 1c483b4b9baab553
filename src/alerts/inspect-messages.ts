/** The words of the alerts about what was noticed at a key, and about rotations that are not ours. Public text. */
import type { Alert, AlertKind, Severity } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { KeyRotation } from "../core/paddle-key.ts";
import type { IssuedSecret } from "../core/slots.ts";
import { alert, bringAnotherKey, DASHBOARD, time } from "./words.ts";

export type Found = { readonly key: ManagedKey; readonly keyId: string; readonly now: number };

/** `cause`: what makes this incident different from others of its kind about the same key. */
export function about(
  { key, keyId, now }: Found,
  kind: AlertKind,
  severity: Severity,
  cause: string,
  text: { readonly happened: string; readonly action: string | null },
): Alert {
  return alert(kind, severity, { name: key.name, keyId }, cause, now, text);
}

/** What ends whatever a stranger can do with the key. */
function revokeAndReplace({ key, keyId }: Found): string {
  return `revoke ${keyId} in ${DASHBOARD}, because nothing else stops whoever holds its secret; then ${bringAnotherKey(key)}`;
}

export function foreignPending(
  found: Found,
  rotation: KeyRotation,
  why: "pending" | "again" | "unknown",
): Alert {
  const { key } = found;
  const state = why === "unknown" ? "in a state that Paddle does not name" : "pending";
  const again = why === "again" ? " It follows one that was answered within the last 24 h." : "";
  return about(found, "foreign-rotation", "critical", rotation.id, {
    happened:
      `Somebody else has rotated ${key.name}: the rotation ${rotation.id} is ${state} and is not the rotator's.${again} ` +
      "Only who holds the key's secret can do that.",
    action:
      `Now: ask whoever else rotates keys (a person, AWS Secrets Manager). If it was none of you, ` +
      `${revokeAndReplace(found)}.`,
  });
}

export function foreignCountered(found: Found, rotation: KeyRotation): Alert {
  const { key, keyId } = found;
  return about(found, "foreign-rotation-countered", "critical", rotation.id, {
    happened:
      `Somebody else has rotated ${key.name} (${rotation.id}, not used yet). The rotator answers with a rotation of ` +
      "its own without grace: that cancels theirs and ends the secret that they have used.",
    action:
      `Now: find out who holds the secret of ${keyId}. This is done once in 24 h: if it happens again, ` +
      `${revokeAndReplace(found)}.`,
  });
}

/** `active`: the secret that consumers use, which dies when the grace that the other one gave it is over. */
export function takeover(found: Found, rotation: KeyRotation, active: IssuedSecret | null): Alert {
  const { key } = found;
  const held = active ? `the secret ${active.secret.fingerprint()}` : "the secret";
  const dies = rotation.expiresAt === null ? "will die" : `dies at ${time(rotation.expiresAt)}`;
  return about(found, "takeover", "critical", rotation.id, {
    happened:
      `Somebody else has taken over ${key.name}: the rotation ${rotation.id}, which is not the rotator's, is completed. ` +
      `They hold the key's newest secret; ${held} in ${key.store.location} ${dies}.`,
    action:
      `Now, unless one of you did this: ${revokeAndReplace(found)}. If one of you did, put the new secret into ` +
      `${key.store.location}.`,
  });
}

export function foreignOutrun(found: Found, rotation: KeyRotation): Alert {
  const { key, keyId } = found;
  const until = rotation.expiresAt === null ? "" : ` (its grace ended at ${time(rotation.expiresAt)})`;
  return about(found, "foreign-rotation-past", "warning", rotation.id, {
    happened:
      `Somebody else rotated ${key.name} (${rotation.id}) and used the secret${until}. ` +
      "The rotator has rotated the key since, so the newest secret is in the store again.",
    action: `Find out who it was: they held the secret of ${keyId}. If it was none of you, ${revokeAndReplace(found)}.`,
  });
}

export function unmanagedKeySeen(keyId: string, now: number): Alert {
  return alert("unmanaged-key-seen", "info", { name: null, keyId }, "seen", now, {
    happened: `${keyId}, a key that is not managed here, was created or changed.`,
    action:
      "If an application uses it, add it to the configuration, so that it is rotated too; else nothing.",
  });
}

export function keyReactivated(found: Found, changeId: string): Alert {
  const { key, keyId } = found;
  return about(found, "key-reactivated", "info", changeId, {
    happened: `${key.name} works again: the key ${keyId} was reported as ended, and Paddle accepts it now.`,
    action: null,
  });
}
