/** The words of alerts about graceful rotations. Public text: key ids and fingerprints, never secrets. */
import type { Alert } from "../core/alert.ts";
import type { PaddleError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { IssuedSecret } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import { alert, bringAnotherKey, of, time } from "./words.ts";

function by(expiresAt: number | null): string {
  return expiresAt === null ? "" : ` before ${time(expiresAt)}, when the key expires`;
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
    action: `Mend what Paddle names and rotate it again (\`npm run rotator -- rotate ${key.name}\`), or ${bringAnotherKey(key)}${by(expiresAt)}.`,
  });
}

export function newExpiryRefused(key: ManagedKey, work: Work, expiresAt: number | null, now: number): Alert {
  return alert("new-expiry-refused", "warning", of(key, work), work.intent.id, now, {
    happened: `Paddle refused the new expiry of ${key.name}: the key is rotated and keeps its old expiry.`,
    action: `Set a shorter \`lifetime\` for ${key.name} and rotate it again${by(expiresAt)}.`,
  });
}

export function oldOutlivesGrace(key: ManagedKey, work: Work, old: IssuedSecret, now: number): Alert {
  const fingerprint = old.secret.fingerprint();
  const cause = fingerprint.slice("sha256:".length);
  return alert("old-outlives-grace", "warning", of(key, work), cause, now, {
    happened: `The old secret ${fingerprint} of ${key.name} still works although its grace is over.`,
    action: `Nothing yet: it is asked again every few minutes. If this lasts, ask Paddle's support about ${work.keyId}.`,
  });
}

export function outsideWindow(key: ManagedKey, work: Work, now: number): Alert {
  return alert("rotated-outside-window", "info", of(key, work), work.intent.id, now, {
    happened: `${key.name} is rotated outside its window: none opens in time before the key expires.`,
    action: "Nothing now. A longer `renewBefore` or a wider `window` avoids it next time.",
  });
}
