/** The writes by which consumers get another secret, and what people must know before. */
import { standbyUsed } from "../alerts/emergency-messages.ts";
import { keyIdOf, type IssuedSecret, promote, promoteStandby, type Slots } from "../core/slots.ts";
import { noteRevokeFirst } from "./exposures.ts";
import { rememberFormerKey, rememberSettled } from "./former-keys.ts";
import { change, filled, note, print } from "./noted.ts";
import type { Step } from "./situation.ts";
import { clearStandbyElsewhere } from "./standby.ts";
import type { Read, Run } from "./steps.ts";
import { tellExposedLives, tellFormerLives } from "./survivors.ts";

export async function promotePending(
  run: Run,
  read: Read,
  { former, alarms }: Extract<Step, { step: "promote" }>,
): Promise<void> {
  const { slots } = read;
  for (const alarm of alarms) {
    const living = alarm === "strange" ? null : filled(slots, alarm);
    const isWatched = former !== null && alarm === former.slot;
    const endsAt = alarm === "old" ? (slots.old?.until ?? null) : null;
    await tellExposedLives(run, living, { isWatched, endsAt });
    await note(
      run,
      "survivor",
      `Paddle still accepts ${living ? print(living) : "a secret that is not ours"}; alerted.`,
      60,
      living,
    );
  }
  const { pending } = slots;
  if (pending && keyIdOf(pending) !== run.work.keyId) await announceSwitch(run, pending, former !== null);
  else if (pending?.mode === "revoke-first") {
    const { rotationId } = pending;
    await noteRevokeFirst(run.records, run.work.keyId, { at: run.clock.now(), rotationId });
  }
  const after = promote(slots, former);
  await tellOfDropped(run, slots, after);
  await change(run, read, after, {
    fact: "promoted",
    says: `Promoted: ${run.key.store.location} now holds ${print(pending)} as active.`,
    percent: 70,
    about: pending,
  });
}

export async function switchToStandby(
  run: Run,
  read: Read,
  { standby, until }: Extract<Step, { step: "promote-standby" }>,
): Promise<void> {
  const standbyOfThisJob = { ...standby, intentId: run.work.intent.id };
  const after = promoteStandby(read.slots, standbyOfThisJob, until);
  await announceSwitch(run, standby, until !== null);
  await tellOfDropped(run, read.slots, after);
  await change(run, read, after, {
    fact: "promoted",
    says: `Switched: ${run.key.store.location} now holds ${print(standby)} of the key ${keyIdOf(standby) ?? "(no id)"} as active.`,
    percent: 70,
    about: standby,
  });
  await clearStandbyElsewhere(run);
}

/**
 * Another key is about to take the place of the one that this job is about.
 *
 * @param livesOn the former key stays beside it, and its job asks for its end
 */
async function announceSwitch(
  { key, work, alerts, clock, records }: Run,
  other: IssuedSecret,
  livesOn: boolean,
): Promise<void> {
  await rememberFormerKey(records, work.keyId, { keyName: key.name, at: clock.now() });
  if (!livesOn) await rememberSettled(records, work.keyId);
  const { job, intent } = work;
  // Whoever brought a key for this very job knows.
  const isBrought = job === "replace" && intent.kind === "manual" && other.intentId === intent.id;
  if (!isBrought) await alerts.raise(standbyUsed(key, work, { standby: other, livesOn }, clock.now()));
}

/** The one slot for a former secret is needed: a key that lies there, and that nobody has ended, is out of sight now. */
async function tellOfDropped(run: Run, before: Slots, after: Slots): Promise<void> {
  const keyId = before.old && keyIdOf(before.old);
  if (!keyId || keyId === run.work.keyId || (after.old && keyIdOf(after.old) === keyId)) return;
  await tellFormerLives(run, keyId, "dropped");
}
