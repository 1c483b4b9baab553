/** Tells people what only they can do about a key that its platform rotates, as long as it is needed. */
import { callOff, tellWhileItLasts } from "../alerts/incidents.ts";
import {
  formerGrace,
  platformFreed,
  platformHasKey,
  platformNeedsKey,
  platformStuck,
} from "../alerts/platform-messages.ts";
import type { KeyRotation } from "../core/paddle-key.ts";
import type { Work } from "../core/work.ts";
import { EXPOSED_REMINDER_MS } from "./revoke-first.ts";
import type { Answers } from "./situation.ts";
import type { Run } from "./steps.ts";

const DAY_MS = 24 * 60 * 60_000;

export async function tellPlatformStuck(run: Run, { platform, active }: Answers): Promise<void> {
  const { key, work, clock } = run;
  if (platform?.kind !== "stuck") return;
  const seen = { ...platform, activeLives: active?.accepted === true };
  await tellWhileItLasts(platformStuck(key, work, seen, clock.now()), reminderMs(work), run);
}

/** To be called when it is not stuck. */
export async function tellPlatformFreed(run: Run): Promise<void> {
  const { key, work, clock } = run;
  const { incident, alert } = platformFreed(key, work, clock.now());
  await callOff(incident, alert, run);
}

/** @param incident the work that people heard of first, where several events tell of one incident */
export async function tellPlatformNeedsKey(run: Run, incident: Work, answers: Answers): Promise<void> {
  const { key, clock, records } = run;
  // So that people hear of it if the key comes back.
  if (!answers.active?.accepted) await records.putIfAbsent("ended", incident.keyId, clock.now());
  const alert = platformNeedsKey(key, incident, {
    active: answers.active?.accepted ? answers.active.key : null,
    standby: answers.standbyElsewhere ?? null,
    now: clock.now(),
  });
  await tellWhileItLasts(alert, reminderMs(incident), run);
}

/** To be called when a job ends: whatever key it has now, it needs no other one for this. */
export async function tellPlatformHasKey(run: Run): Promise<void> {
  const { key, work, clock } = run;
  const { incident, alert } = platformHasKey(key, work, clock.now());
  await callOff(incident, alert, run);
}

/** Secrets in no slot that the graces of earlier rotations keep alive. */
export async function tellFormerGraces(run: Run, graces: readonly KeyRotation[]): Promise<void> {
  const { key, work, alerts, clock } = run;
  for (const grace of graces) await alerts.raise(formerGrace(key, work, grace, clock.now()));
}

function reminderMs({ intent }: Work): number {
  return intent.kind === "exposed" || intent.kind === "foreign-rotation" ? EXPOSED_REMINDER_MS : DAY_MS;
}
