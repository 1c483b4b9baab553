/**
 * While a secret is new in use and the former one still lives: checks are looked at, and one that fails may give the
 * former secret back. It stands in front of any table and holds up nothing: it only makes a wait shorter, or turns it
 * into a rollback.
 */
import { activeKeyId, keyIdOf } from "../core/slots.ts";
import type { Decide, Situation, Step } from "./situation.ts";

/** The table, with checks looked at while it waits for the end of a grace. */
export function whileChecked(decide: Decide): Decide {
  return (situation) => {
    const step = decide(situation);
    const { checkCount, exposureOpen, answers } = situation;
    // An exposed secret never comes back, whatever a check says.
    if (exposureOpen) return step;
    if (isRollback(situation, step)) return answers.rollback ? step : { step: "tell-roll-back" };
    if (checkCount === 0) return step;
    if (step.step !== "wait" || !isGrace(situation, step)) return step;
    const { checks } = answers;
    if (!checks) return { step: "look-at-checks" };
    if (checks.failed && !answers.rollback) return { step: "roll-back", check: checks.failed };
    return checks.nextAt === null ? step : { ...step, at: Math.min(step.at, checks.nextAt) };
  };
}

/** A rollback is under way, of which people may not have heard yet. */
function isRollback({ slots }: Situation, step: Step): boolean {
  const isNextStep = step.step === "roll-out" || step.step === "wait" || step.step === "swap-forward";
  return slots.rolledBack && slots.active !== null && slots.old !== null && isNextStep;
}

/** The overlap with a former key is no grace: going back to that key would be a replacement. */
function isGrace({ slots }: Situation, step: Extract<Step, { step: "wait" }>): boolean {
  return step.because === "old-in-grace" && slots.old !== null && keyIdOf(slots.old) === activeKeyId(slots);
}
