/**
 * A check that failed gives applications the former secret back, once for each new secret. It is remembered before it
 * is done, and told of after: whoever goes on after a crash finds either slots that are not rolled back, and judges anew,
 * or slots that are, and tells.
 */
import { z } from "zod";
import { tellOnce } from "../alerts/incidents.ts";
import { checkFailed, rolledBackByCheck } from "../alerts/check-messages.ts";
import { type IssuedSecret, type OldSecret, type Slots, swapBack } from "../core/slots.ts";
import { isExposureOpen, latestExposure } from "./exposures.ts";
import { isLeakKnown } from "./check-leaks.ts";
import { filled, note, print } from "./noted.ts";
import { askedRollback, tellAsked } from "./rollback-record.ts";
import { endOfRollback, judgeRollback } from "./rollback.ts";
import type { Answers } from "./situation.ts";
import { ask, type Read, type Run, write } from "./steps.ts";
import { isKnownToLive } from "./survivors.ts";
import { endChecks } from "./check-looks.ts";
import { beginSwitchOver, latestSwitchOver } from "./switch-over-start.ts";
import type { FailedCheck } from "./checked-state.ts";

const MEANT = "check-rollbacks";
const TOLD = "check-rollbacks-told";
const PERSON_TOLD = "rollbacks-asked-told";

const Meant = z.object({ name: z.string(), says: z.string() });

const ONCE =
  "It was rolled back once already since this secret is in use, and is not again. Mend the applications now: the former secret dies soon.";

export async function rollBack(run: Run, { slots, version }: Read, check: FailedCheck): Promise<Answers> {
  const { key, work, clock, records } = run;
  const { name, says, switchOverId } = check;
  const mark = markOf(run, filled(slots, "active"));
  const noRollback = (await records.get(TOLD, mark)) === undefined ? await obstacle(run, slots) : ONCE;
  if (noRollback !== null) {
    // A refusal is a verdict only while nothing has changed.
    if ((await key.store.read()).version !== version) return {};
    const until = slots.old?.until ?? null;
    const about = { key, work, name, switchOverId };
    await tellOnce(checkFailed(about, { says, noRollback, until }, clock.now()), run);
    return { rollback: "refused" };
  }
  await records.putIfAbsent(MEANT, mark, { name, says, at: clock.now() });
  await write(run, { slots, version }, swapBack(slots));
  return {};
}

/** Why the former secret cannot come back; null: it can. */
async function obstacle(run: Run, slots: Slots): Promise<string | null> {
  const { key, work, records, clock } = run;
  const old = filled(slots, "old");
  const exposure = await latestExposure(records, work.keyId);
  const exposureOpen =
    isExposureOpen(exposure, slots) ||
    isExposureOpen(exposure, { ...slots, active: old }) ||
    (await isKnownToLive(run, old)) ||
    (await isLeakKnown(run, slots));
  const { platform: rotator } = key.store;
  const platform = rotator && (await rotator.inCharge()) ? rotator.name : null;
  const judge = (answer: "accepted" | "refused" | "not-asked") =>
    judgeRollback({ slots, exposureOpen, old: answer, now: clock.now(), platform });
  let verdict = judge("not-asked");
  if ("ask" in verdict) verdict = judge((await ask(run, old)).accepted ? "accepted" : "refused");
  return "refused" in verdict ? verdict.refused : null;
}

/** To be called while it is rolled back, by whomever: people hear of it where a check did it. */
export async function tellRollback(run: Run, slots: Slots): Promise<Answers> {
  const { key, work, clock, records, alerts } = run;
  const [older, newer] = [filled(slots, "active"), filled(slots, "old")];
  const last = await latestSwitchOver(run);
  if (last?.fingerprint === newer.secret.fingerprint())
    await endChecks(run, "applications have the former secret back");
  // Its end is a switch-over of its own, also where there are no consumers to be told.
  await beginSwitchOver(run, older);
  await tellOfPerson(run, older, newer);
  const mark = markOf(run, newer);
  const meant = Meant.safeParse(await records.get(MEANT, mark)).data;
  if (meant && (await records.get(TOLD, mark)) === undefined) {
    const endsAt = endOfRollback(newer) ?? clock.now();
    await alerts.raise(rolledBackByCheck(key, work, { ...meant, older, newer, endsAt }, clock.now()));
    const summary =
      `Check ${meant.name} failed, and it was rolled back to the older secret ${print(older)} ` +
      `until ${new Date(endsAt).toISOString()}. ${meant.says}`;
    await note(run, "rolledBackByCheck", summary, 70, older);
    await records.putIfAbsent(TOLD, mark, clock.now());
  }
  return { rollback: "told" };
}

/** The desk tells of a rollback that a person asked for, unless it died right behind it. */
async function tellOfPerson(run: Run, older: IssuedSecret, newer: OldSecret): Promise<void> {
  const { key, work, records } = run;
  const mark = markOf(run, newer);
  const asked = await askedRollback(records, newer);
  if (!asked || (await records.get(PERSON_TOLD, mark)) !== undefined) return;
  const endsAt = endOfRollback(newer) ?? asked.at;
  const rollback = { keyName: key.name, keyId: work.keyId, older, newer, endsAt, ...asked };
  await Promise.all(tellAsked(key, rollback, run));
  await records.putIfAbsent(PERSON_TOLD, mark, asked.at);
}

/** Of one newer secret there is one rollback: its older one is dead after it. */
function markOf({ key }: Run, newer: IssuedSecret): string {
  return `${key.name}-${newer.secret.fingerprint().replace(":", "-")}`;
}
