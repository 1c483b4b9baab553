/** Performs the one step that was decided on, notes it, and says what was learned or how the run ends. */
import { createHash } from "node:crypto";
import { outsideWindow, rotationRefused } from "../alerts/messages.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import { activeKeyId, keyIdOf, putBackOld, retire, type Slots, swapForward } from "../core/slots.ts";
import type { Intent } from "../core/work.ts";
import { lookAtChecks } from "./check-looks.ts";
import { rollBack, tellRollback } from "./check-rollback.ts";
import { endDone, endPage, endWait } from "./endings.ts";
import { rememberSettled } from "./former-keys.ts";
import { change, filled, note, print } from "./noted.ts";
import { page } from "./pages.ts";
import { askPlatform, lookAtPlatform } from "./platform-steps.ts";
import { promotePending, switchToStandby } from "./promotions.ts";
import { rollOut } from "./roll-out.ts";
import { type Answer, type Answers, isMet, type Step } from "./situation.ts";
import { findStandbyElsewhere, judgeStandby } from "./standby.ts";
import {
  ask,
  type Issued,
  issueAndStage,
  listLivingGraces,
  listStrangeGraces,
  type Order,
  type Read,
  readKey,
  readPendingRotation,
  type Run,
  type StepResult,
} from "./steps.ts";
import { tellExposedDead, tellFormerEnded } from "./survivors.ts";

const NOTHING_LEARNED: StepResult = { learned: {} };

export async function perform(run: Run, read: Read, answers: Answers, step: Step): Promise<StepResult> {
  const { slots } = read;
  switch (step.step) {
    case "ask":
      return { learned: { [step.slot]: await askSlot(run, slots, step.slot, answers) } };
    case "activate": {
      const pending = filled(slots, "pending");
      const answer = await ask(run, pending);
      const fact = answer.accepted ? "activated" : "pendingRefused";
      await note(run, fact, said("pending", slots, answer), 55, pending);
      return { learned: { pending: answer } };
    }
    case "read-pending-rotation": {
      const pending = filled(slots, "pending");
      return {
        learned: { pendingRotation: await readPendingRotation(run, pending, filled(slots, "active")) },
      };
    }
    case "list-strange-graces": {
      // Without a pending secret it is a platform that has rotated the key.
      const strangeGraces = slots.pending
        ? await listStrangeGraces(run, slots, answers)
        : await listLivingGraces(run, filled(slots, "active"));
      if (strangeGraces !== "refused") return { learned: { strangeGraces } };
      return { learned: { [slots.pending ? "pending" : "active"]: REFUSED } };
    }
    case "look-at-platform":
      return { learned: await lookAtPlatform(run, slots, answers) };
    case "ask-platform":
      return { learned: await askPlatform(run, slots, step.graceSeconds) };
    case "issue": {
      const { graceSeconds, mode, forced = false } = step;
      const by = filled(slots, "active");
      if (forced) await run.alerts.raise(outsideWindow(run.key, run.work, run.clock.now()));
      return issue(run, read, { by, key: keyOf(answers.active), graceSeconds, mode }, { active: REFUSED });
    }
    case "renew-standby":
      return issue(
        run,
        read,
        { by: step.standby, key: answers.standbyKey ?? null, graceSeconds: 0, mode: "revoke-first" },
        { standbyFaults: [{ kind: "refused", says: "Paddle refuses it" }] },
        { standbyRotatable: false },
      );
    case "promote":
      await promotePending(run, read, step);
      return NOTHING_LEARNED;
    case "put-back-old":
      await change(run, read, putBackOld(slots), {
        fact: "putBack",
        says: `Paddle accepts only the old secret ${print(slots.old)}: it is active again.`,
        percent: 5,
        about: slots.old,
      });
      return NOTHING_LEARNED;
    case "swap-forward":
      await change(run, read, swapForward(slots), {
        fact: "swappedForward",
        says: `The rollback is over: ${print(slots.old)} is active again.`,
        percent: 75,
        about: slots.old,
      });
      return NOTHING_LEARNED;
    case "retire": {
      const former = slots.old && keyIdOf(slots.old);
      if (former && former !== activeKeyId(slots)) {
        await rememberSettled(run.records, former);
        await tellFormerEnded(run, former);
      }
      await change(run, read, retire(slots), {
        fact: "retired",
        says: `Retired: the dead old secret ${print(slots.old)} is out of the store.`,
        percent: 95,
        about: slots.old,
      });
      return NOTHING_LEARNED;
    }
    case "find-standby":
      return { learned: { standbyElsewhere: await findStandbyElsewhere(run) } };
    case "check-standby":
      return { learned: await judgeStandby(run, step.standby, keyOf(answers.active)) };
    case "promote-standby":
      await switchToStandby(run, read, step);
      return NOTHING_LEARNED;
    case "read-former": {
      const former = keyIdOf(filled(slots, "old")) ?? run.work.keyId;
      return { learned: { former: await readKey(run, former, filled(slots, "active")) } };
    }
    case "roll-out":
      return { learned: { switchOver: await rollOut(run, slots) } };
    case "look-at-checks":
      return { learned: { checks: await lookAtChecks(run, slots) } };
    case "roll-back":
      return { learned: await rollBack(run, read, step.check) };
    case "tell-roll-back":
      return { learned: await tellRollback(run, slots) };
    case "wait":
      return endWait(run, slots, answers, step);
    case "page":
      return endPage(run, slots, answers, step.reason);
    case "done":
      return endDone(run, slots, step.result);
    default:
      return step satisfies never;
  }
}

const REFUSED: Answer = { accepted: false };

const DEATHS = { active: "formerDied", old: "oldDied", standby: "standbyDied" } as const;

async function askSlot(
  run: Run,
  slots: Slots,
  slot: "active" | "old" | "standby",
  answers: Answers,
): Promise<Answer> {
  const issued = filled(slots, slot);
  const answer = await ask(run, issued);
  const fact = answer.accepted ? `${slot}Accepted` : refusalOf(run, slots, slot, answers);
  await note(run, fact, said(slot, slots, answer), slot === "active" ? 10 : 85, issued);
  if (slot === "old" && !answer.accepted) await tellExposedDead(run, issued);
  return answer;
}

/** What a refusal says: once the secret's successor was used, it is the proof that it is dead. */
function refusalOf({ work }: Run, { active }: Slots, slot: keyof typeof DEATHS, answers: Answers): string {
  if (answers.pending?.accepted) return DEATHS[slot];
  const { platform } = answers;
  const isRotated = platform && (platform.kind === "done" || isMet(work.intent, active));
  return slot === "old" && isRotated ? "formerDied" : `${slot}Refused`;
}

/**
 * @param ifDead what is learned when Paddle refuses the secret that asks
 * @param ifRefused what is learned when Paddle refuses to rotate; left out: a person is told
 */
async function issue(
  run: Run,
  read: Read,
  order: Order,
  ifDead: Answers,
  ifRefused?: Answers,
): Promise<StepResult> {
  const { key } = run;
  const issued: Issued = await issueAndStage(run, read, order);
  switch (issued.result) {
    case "staged": {
      const { pending } = issued;
      const says =
        `Staged: Paddle issued ${print(pending)} (${pending.rotationId}), ` +
        `saved in ${key.store.location}, not used yet.`;
      await note(run, "staged", says, 40, pending);
      return NOTHING_LEARNED;
    }
    case "conflict": {
      const says = "Somebody else changed the slots first: the new secret is forgotten.";
      await note(run, "conflict", says, 20);
      return { outcome: { kind: "wait", at: run.clock.now() + pauseOf(run.work.intent), why: says } };
    }
    case "dead":
      return { learned: ifDead };
    case "refused": {
      if (ifRefused) return { learned: ifRefused };
      const expiresAt = order.key?.expiresAt ?? null;
      await page(run, rotationRefused(key, run.work, expiresAt, issued.error, run.clock.now()));
      const summary = `Paddle refuses to rotate ${key.name}: ${issued.error.code}.`;
      await note(run, "paged", summary, 100);
      return { outcome: { kind: "needs-person", summary } };
    }
    default:
      return issued satisfies never;
  }
}

function said(slot: "active" | "old" | "pending" | "standby", slots: Slots, answer: Answer): string {
  return `Paddle ${answer.accepted ? "accepts" : "refuses"} the ${slot} secret ${print(slots[slot])}.`;
}

function keyOf(answer: Answer | undefined): ApiKey | null {
  return answer?.accepted ? answer.key : null;
}

/** Two jobs that issue at the same time cancel each other's secrets; a pause of different lengths parts them. */
function pauseOf({ id }: Intent): number {
  return 200 + (createHash("sha256").update(id).digest().readUInt16BE(0) % 2_000);
}
