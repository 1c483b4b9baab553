/**
 * One run of a graceful rotation: observe, decide, act, again, until there is an end or something to wait for.
 * The run remembers only what Paddle answered under the slots' present version; any change of the slots,
 * by anybody, makes it forget that and look anew, so a refusal is a verdict only while nothing has changed.
 */
import { keyIsLost, notRotatable, oldOutlivesGrace, rotationRefused } from "../alerts/messages.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { JobHold, Records, Version } from "../core/ports.ts";
import { type IssuedSecret, promote, putBackOld, retire, type Slots, swapForward } from "../core/slots.ts";
import type { Outcome, Work } from "../core/work.ts";
import { isExposureOpen, latestExposure } from "./exposures.ts";
import { type Answer, type Answers, nextStep, type Step } from "./next-step.ts";
import { doneSummary, waitSummary } from "./sentences.ts";
import { ask, issueAndStage, type Read, type RotationPorts, type Run, write } from "./steps.ts";

/** A rotation has fewer than ten steps; more in one run means that somebody keeps writing beside us. */
const STEPS_PER_RUN = 40;

export type RotateDeps = RotationPorts & { readonly records: Records };

/** Runs a graceful rotation as far as it goes now. Throws RotatorError if it should be tried again later. */
export async function rotate(work: Work, key: ManagedKey, hold: JobHold, deps: RotateDeps): Promise<Outcome> {
  const run: Run = { ...deps, work, key, hold };
  let answersTo: Version | null = null;
  let answers: Answers = {};
  for (let count = 0; count < STEPS_PER_RUN; count += 1) {
    const read = await key.store.read();
    if (read.version !== answersTo) answers = {};
    answersTo = read.version;
    const exposedAt = await latestExposure(deps.records, work.keyId);
    const step = nextStep({
      now: deps.clock.now(),
      keyId: work.keyId,
      intent: work.intent,
      warnedExpiryAt: work.keyExpiresAt ?? null,
      graceSeconds: work.graceSeconds ?? key.policy.graceSeconds,
      slots: read.slots,
      answers,
      exposureOpen: isExposureOpen(exposedAt, read.slots),
    });
    const result = await perform(run, read, answers, step);
    if ("outcome" in result) return result.outcome;
    answers = { ...answers, ...result.learned };
  }
  return {
    kind: "wait",
    at: deps.clock.now() + 60_000,
    why: `the slots in ${key.store.location} keep changing`,
  };
}

type StepResult = { readonly outcome: Outcome } | { readonly learned: Answers };

const NOTHING_LEARNED: StepResult = { learned: {} };

async function perform(run: Run, read: Read, answers: Answers, step: Step): Promise<StepResult> {
  const { slots } = read;
  const { journal } = run.hold;
  switch (step.step) {
    case "ask": {
      const answer = await ask(run, filled(slots, step.slot).secret);
      await journal.note(
        `${step.slot}Asked`,
        said(step.slot, slots, answer),
        step.slot === "active" ? 10 : 85,
      );
      return { learned: { [step.slot]: answer } };
    }
    case "issue":
      return issue(run, read, keyOf(answers.active), step.graceSeconds);
    case "activate": {
      const answer = await ask(run, filled(slots, "pending").secret);
      await journal.note("activated", said("pending", slots, answer), 55);
      return { learned: { pending: answer } };
    }
    case "promote":
      return change(run, read, promote(slots, step.activatedAt), {
        fact: "promoted",
        sentence: `Promoted: ${run.key.store.location} now holds ${print(slots.pending)} as active.`,
        percent: 70,
      });
    case "put-back-old":
      return change(run, read, putBackOld(slots), {
        fact: "putBack",
        sentence: `Paddle accepts only the old secret ${print(slots.old)}: it is active again.`,
        percent: 5,
      });
    case "swap-forward":
      return change(run, read, swapForward(slots), {
        fact: "swappedForward",
        sentence: `The rollback is over: ${print(slots.old)} is active again.`,
        percent: 75,
      });
    case "retire":
      return change(run, read, retire(slots), {
        fact: "retired",
        sentence: `Retired: the dead old secret ${print(slots.old)} is out of the store.`,
        percent: 95,
      });
    case "wait": {
      if (step.because === "old-outlives-grace") {
        await run.alerts.raise(oldOutlivesGrace(run.key, run.work, filled(slots, "old"), run.clock.now()));
      }
      await journal.note("waiting", waitSummary(step, slots), 80);
      return { outcome: { kind: "wait", at: step.at, why: waitSummary(step, slots) } };
    }
    case "page":
      return page(run, slots, keyOf(answers.active), step.reason);
    case "done": {
      const summary = doneSummary(step.result, run, slots);
      await journal.note("done", summary, 100);
      return { outcome: { kind: "done", result: step.result, summary } };
    }
    default:
      return step satisfies never;
  }
}

async function issue(run: Run, read: Read, key: ApiKey | null, graceSeconds: number): Promise<StepResult> {
  const { journal } = run.hold;
  const issued = await issueAndStage(run, read, key, graceSeconds);
  switch (issued.result) {
    case "staged":
      await journal.note(
        "staged",
        `Staged: Paddle issued ${issued.fingerprint} (${issued.rotationId}), saved in ${run.key.store.location}, not used yet.`,
        40,
      );
      return NOTHING_LEARNED;
    case "conflict":
      await journal.note(
        "conflict",
        "Somebody else changed the slots first: the new secret is forgotten, looking again.",
        20,
      );
      return NOTHING_LEARNED;
    case "active-refused":
      return { learned: { active: { accepted: false } } };
    case "refused":
      await run.alerts.raise(
        rotationRefused(run.key, run.work, key?.expiresAt ?? null, issued.error, run.clock.now()),
      );
      return needsPerson(run, `Paddle refuses to rotate ${run.key.name}: ${issued.error.code}.`);
    default:
      return issued satisfies never;
  }
}

async function page(
  run: Run,
  slots: Slots,
  key: ApiKey | null,
  reason: Extract<Step, { step: "page" }>["reason"],
): Promise<StepResult> {
  const now = run.clock.now();
  switch (reason) {
    case "lost":
    case "not-active":
      await run.alerts.raise(keyIsLost(run.key, run.work, slots, now));
      return needsPerson(run, `Paddle accepts no secret of ${run.key.name}.`);
    case "not-rotatable":
      await run.alerts.raise(notRotatable(run.key, run.work, key?.expiresAt ?? null, now));
      return needsPerson(run, `Paddle cannot rotate ${run.key.name}: it was made without rotation.`);
    default:
      return reason satisfies never;
  }
}

async function needsPerson(run: Run, summary: string): Promise<StepResult> {
  await run.hold.journal.note("paged", summary, 100);
  return { outcome: { kind: "needs-person", summary } };
}

type Note = { readonly fact: string; readonly sentence: string; readonly percent: number };

async function change(run: Run, read: Read, slots: Slots, note: Note): Promise<StepResult> {
  if ((await write(run, read, slots)) === "written") {
    await run.hold.journal.note(note.fact, note.sentence, note.percent);
  }
  return NOTHING_LEARNED;
}

function said(slot: "active" | "old" | "pending", slots: Slots, answer: Answer): string {
  return `Paddle ${answer.accepted ? "accepts" : "refuses"} the ${slot} secret ${print(slots[slot])}.`;
}

function filled<Slot extends "active" | "old" | "pending">(
  slots: Slots,
  slot: Slot,
): NonNullable<Slots[Slot]> {
  const issued = slots[slot];
  if (!issued) throw new Error(`the step needs the ${slot} secret, and there is none`);
  return issued;
}

function keyOf(answer: Answer | undefined): ApiKey | null {
  return answer?.accepted ? answer.key : null;
}

function print(issued: IssuedSecret | null): string {
  return issued?.secret.fingerprint() ?? "(none)";
}
