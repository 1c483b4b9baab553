/** Tells people of secrets and keys that should be dead: as long as they live, and once when they are dead at last. */
import { callOff, isOpen, tellWhileItLasts } from "../alerts/incidents.ts";
import {
  exposedSecretDead,
  exposedSecretIncident,
  exposedSecretLives,
  FORMER_KEY_CAUSES,
  formerKeyEnded,
  formerKeyIncident,
  formerMustBeRevoked,
  type Sight,
} from "../alerts/survivor-messages.ts";
import { keyIdOf, type IssuedSecret } from "../core/slots.ts";
import { EXPOSED_REMINDER_MS } from "./revoke-first.ts";
import type { Run } from "./steps.ts";

const DAY_MS = 24 * 60 * 60_000;

/** @param how.isWatched it stays in the slot `old` and is asked again */
export async function tellExposedLives(
  run: Run,
  secret: IssuedSecret | null,
  how: { readonly isWatched: boolean; readonly endsAt: number | null },
): Promise<void> {
  const { key, work, clock } = run;
  const keyId = (secret && keyIdOf(secret)) ?? work.keyId;
  const alert = exposedSecretLives({ key, work, secret, keyId, ...how }, clock.now());
  // Nobody will see its end, so it is no incident: that one would stay open for ever.
  if (!how.isWatched) return run.alerts.raise(alert);
  await tellWhileItLasts(alert, EXPOSED_REMINDER_MS, run);
}

/** Whether people were told that this secret lives, and not yet that it is dead. */
export function isKnownToLive({ work, records }: Run, secret: IssuedSecret): Promise<boolean> {
  return isOpen(exposedSecretIncident(keyIdOf(secret) ?? work.keyId, secret), records);
}

/** To be called when Paddle refuses a secret. */
export async function tellExposedDead(run: Run, secret: IssuedSecret): Promise<void> {
  const { key, work, clock } = run;
  const keyId = keyIdOf(secret) ?? work.keyId;
  const incident = exposedSecretIncident(keyId, secret);
  await callOff(incident, exposedSecretDead(key, keyId, secret, clock.now()), run);
}

export async function tellFormerLives(run: Run, formerKeyId: string, sight: Sight): Promise<void> {
  const { key, work, clock } = run;
  const alert = formerMustBeRevoked(key, { ...work, keyId: formerKeyId }, sight, clock.now());
  await tellWhileItLasts(alert, DAY_MS, run);
}

export async function tellFormerEnded(run: Run, formerKeyId: string): Promise<void> {
  const { key, clock } = run;
  for (const cause of FORMER_KEY_CAUSES) {
    const ended = formerKeyEnded(key.name, formerKeyId, cause, clock.now());
    await callOff(formerKeyIncident(formerKeyId, cause), ended, run);
  }
}
