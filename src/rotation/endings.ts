/** How a run ends: with a result, a time to look again, or a person who was told. The words reach people here. */
import {
  exposureBlocks,
  exposureHandled,
  formerStillUsed,
  needsAnotherKey,
  tooManyRevokeFirsts,
} from "../alerts/emergency-messages.ts";
import { oldOutlivesGrace } from "../alerts/messages.ts";
import type { Slots } from "../core/slots.ts";
import type { IntentKind, Work } from "../core/work.ts";
import { endChecks } from "./check-looks.ts";
import { firstOpenExposure, latestExposure } from "./exposures.ts";
import {
  tellFormerGraces,
  tellPlatformHasKey,
  tellPlatformNeedsKey,
  tellPlatformStuck,
} from "./platform-news.ts";
import { rememberEnded, tellIfReactivated } from "./reactivated.ts";
import { REACTIVATION_MS } from "./replacement.ts";
import { doneSummary, waitSummary } from "./sentences.ts";
import { endPagesIfItWorks, page } from "./pages.ts";
import type { Answers, DoneResult, PageReason, Step } from "./situation.ts";
import { clearStandbyElsewhere } from "./standby.ts";
import { SWITCHED } from "./switch-over.ts";
import { endLagOf } from "./switch-over-end.ts";
import { latestSwitchOver } from "./switch-over-start.ts";
import type { Run, StepResult } from "./steps.ts";
import { isKnownToLive, tellExposedLives, tellFormerEnded, tellFormerLives } from "./survivors.ts";

const LEAKED =
  "It lies beside the exposed secret, so it may have leaked with it, and Paddle makes no new secret for it.";

/** An exposure that is open for longer waits for a person. */
const EXPOSURE_TAKES_MS = 60 * 60_000;
/** `last_used_at` is accurate to an hour (contract §1). */
const LAST_USED_ACCURACY_MS = 60 * 60_000;

export async function endWait(
  run: Run,
  slots: Slots,
  answers: Answers,
  step: Extract<Step, { step: "wait" }>,
): Promise<StepResult> {
  const now = run.clock.now();
  const { key, work, alerts } = run;
  const { old } = slots;
  switch (step.because) {
    case "old-outlives-grace":
      if (old && (await isKnownToLive(run, old)))
        await tellExposedLives(run, old, { isWatched: true, endsAt: null });
      else if (old) await alerts.raise(oldOutlivesGrace(key, work, old, now));
      break;
    case "exposed-lives":
      if (answers.strangeGraces) await tellFormerGraces(run, answers.strangeGraces);
      else if (old) await tellExposedLives(run, old, { isWatched: true, endsAt: old.until });
      break;
    case "platform-stuck":
      await tellPlatformStuck(run, answers);
      break;
    case "platform-needs-key":
      await tellPlatformNeedsKey(run, await incidentOf(run, slots), answers);
      break;
    case "overlap":
    case "former-not-revoked": {
      // An exposed key gets no overlap.
      const overlapMs = work.intent.kind === "exposed" ? 0 : key.policy.overlapMs;
      const switchedAt = (old?.until ?? now) - overlapMs;
      const lastUsedAt = answers.former === "unreadable" ? null : (answers.former?.lastUsedAt ?? null);
      if (lastUsedAt !== null && lastUsedAt > switchedAt + LAST_USED_ACCURACY_MS)
        await alerts.raise(formerStillUsed(key, work, lastUsedAt, now));
      if (step.because === "former-not-revoked")
        await tellFormerLives(run, work.keyId, answers.former === "unreadable" ? "blind" : "seen");
      break;
    }
    case "may-be-reactivated":
      await rememberEnded(work.keyId, run);
      await page(
        run,
        needsAnotherKey(key, work, { reactivableUntil: work.intent.requestedAt + REACTIVATION_MS, now }),
        "reactivable",
      );
      break;
    case "consumers-lag":
      // The secret is dead; who has not switched over is told of on its own.
      if (isEmergency(work.intent.kind))
        await alerts.raise(exposureHandled(key, work, run.hold.journal, now));
      break;
    case "outside-window":
    case "old-in-grace":
    case "old-dies-soon":
    case "rolled-back":
    case "platform-rotates":
      break;
    default:
      step.because satisfies never;
  }
  await endPagesIfItWorks(run, slots, step.because);
  const says = waitSummary(step, slots);
  await run.hold.journal.note("waiting", { says, percent: 80 });
  return { outcome: { kind: "wait", at: step.at, why: says } };
}

export async function endPage(
  run: Run,
  slots: Slots,
  answers: Answers,
  reason: PageReason,
): Promise<StepResult> {
  const { key, work, clock } = run;
  const now = clock.now();
  switch (reason) {
    case "no-standby":
    case "standby-unfit":
    case "standby-leaked":
      // One that cannot be rotated lives: nobody is to hear later that it works again.
      if (!answers.active?.accepted) await rememberEnded(work.keyId, run);
      await page(
        run,
        needsAnotherKey(key, await incidentOf(run, slots), {
          active: answers.active?.accepted ? answers.active.key : null,
          fingerprint: slots.active?.secret.fingerprint() ?? null,
          standbyFaults:
            reason === "standby-leaked" ? [LEAKED] : (answers.standbyFaults?.map(({ says }) => says) ?? []),
          now,
        }),
      );
      return needsPerson(run, `${key.name} needs another key: a person was told to bring one.`);
    case "too-many-revoke-firsts":
      await page(run, tooManyRevokeFirsts(key, work, now));
      return needsPerson(run, `${key.name} was rotated too often within an hour: a person was told.`);
    default:
      return reason satisfies never;
  }
}

export async function endDone(run: Run, slots: Slots, result: DoneResult): Promise<StepResult> {
  const { key, work, alerts, clock, hold } = run;
  if (!slots.old) await endChecks(run, "the former secret is dead");
  if (SWITCHED.has(result)) await endLag(run, "they have lagged for a day");
  if (result === "switched" || result === "replaced") {
    await clearStandbyElsewhere(run);
    if (work.intent.kind === "expired" || work.intent.kind === "revoked")
      await tellFormerEnded(run, work.keyId);
  }
  if (isEmergency(work.intent.kind) && result === "rotated")
    await alerts.raise(exposureHandled(key, work, hold.journal, clock.now()));
  if (result === "gave-way") await tellIfStuck(run);
  if (result === "reactivated") await tellIfReactivated(key, work.keyId, run);
  if (key.store.platform) await tellPlatformHasKey(run);
  await endPagesIfItWorks(run, slots, result);
  const summary = doneSummary(result, run, slots);
  await hold.journal.note("done", { says: summary, percent: 100 });
  return { outcome: { kind: "done", result, summary } };
}

/** Where all have switched over, people know. Those that lagged may have left the configuration since. */
async function endLag(run: Run, why: string): Promise<void> {
  const last = await latestSwitchOver(run);
  if (last) await endLagOf(run, last.id, why);
}

/** Where Paddle revokes an exposed key, two events tell of one incident, and people hear of it once. */
async function incidentOf({ work, records }: Run, slots: Slots): Promise<Work> {
  const exposure = await firstOpenExposure(records, work.keyId, slots);
  if (!exposure) return work;
  const { intentId: id, occurredAt: requestedAt } = exposure;
  return { ...work, intent: { id, kind: "exposed", requestedAt } };
}

function isEmergency(kind: IntentKind): boolean {
  return kind === "exposed" || kind === "foreign-rotation";
}

/** Giving way is right for a while; for ever, it would let the key expire. */
async function tellIfStuck(run: Run): Promise<void> {
  const { key, work, records, clock } = run;
  const exposure = await latestExposure(records, work.keyId);
  if (exposure && clock.now() - exposure.occurredAt > EXPOSURE_TAKES_MS)
    await page(run, exposureBlocks(key, work, exposure, clock.now()));
}

async function needsPerson(run: Run, summary: string): Promise<StepResult> {
  await run.hold.journal.note("paged", { says: summary, percent: 100 });
  return { outcome: { kind: "needs-person", summary } };
}
