/**
 * An exposed key as a pure decision: the exposed secret dies first, everything else comes after. The rows are those
 * of the table of the design; the first that matches wins. Staging still comes before activation, because a secret
 * that dies unsaved locks the team out.
 */
import { activeKeyId, keyIdOf } from "../core/slots.ts";
import { backToNewer, DEATH_SLACK_MS, ifOldLives, OUTLIVES_RECHECK_MS } from "./next-step.ts";
import { promoteProven } from "./prove.ts";
import { nextReplacementStep } from "./replacement.ts";
import { answerOf, done, isMet, type Situation, type Step } from "./situation.ts";

/** How often people hear again of an exposed secret that lives. */
export const EXPOSED_REMINDER_MS = 60 * 60_000;

const ISSUE: Step = { step: "issue", graceSeconds: 0, mode: "revoke-first" };

/** The first matching row of the table. */
export function nextRevokeFirstStep(situation: Situation): Step {
  const { slots, intent, keyId } = situation;
  const { active, pending } = slots;
  const old = slots.old && keyIdOf(slots.old) === keyId ? slots.old : null;
  const isForAnotherKey = pending !== null && keyIdOf(pending) !== keyId;
  // 1. Another key is in use, or about to be.
  if ((active && activeKeyId(slots) !== keyId) || isForAnotherKey) return nextReplacementStep(situation);
  const met = isMet(intent, active);
  // 2. Nothing that was exposed lives: no old secret, and none staged before the exposure.
  const stagedBefore = pending !== null && (pending.issuedAt ?? 0) < intent.requestedAt;
  const own = pending?.intentId === intent.id;
  if (met && !old && !stagedBefore && !own) {
    return done(active?.intentId === intent.id ? "rotated" : "met-already");
  }
  if (slots.rolledBack && !pending) return backToNewer(situation); // 3
  if (pending?.mode === "revoke-first") return activateAndProve(situation); // 4
  if (pending) return overGraceful(situation); // 5
  if (met) return whileExposedLives(situation); // 6
  return beforeIssuing(situation); // 7
}

/** Row 4. Activation kills; that it did is asked of Paddle before anybody gets the new secret. */
function activateAndProve(situation: Situation): Step {
  const { answers } = situation;
  if (!answers.pending) return { step: "activate" };
  if (!answers.pending.accepted) {
    const active = answerOf("active", situation);
    if (!active) return { step: "ask", slot: "active" };
    return active.accepted ? ISSUE : ifOldLives(situation);
  }
  return promoteProven(situation);
}

/** Row 5. A graceful rotation was under way: settle it if it was activated, else issue over it. */
function overGraceful(situation: Situation): Step {
  const { answers, slots } = situation;
  const grace = slots.pending?.graceSeconds ?? null;
  if (answers.pending?.accepted) return settle(grace === null ? null : answers.pending.at + grace * 1000);
  if (answers.pending) return ifOldLives(situation);
  if (!slots.active) return { step: "activate" };
  if (!answers.pendingRotation) return { step: "read-pending-rotation" };
  if (answers.pendingRotation === "active-refused") return { step: "activate" };
  if (answers.pendingRotation.status === "completed") return settle(answers.pendingRotation.expiresAt);
  return limited(situation);
}

/** Row 6. The exposed secret outlived its successor's activation: people know, and it is watched until it is dead. */
function whileExposedLives({ now, answers, slots }: Situation): Step {
  if (!answers.old) return { step: "ask", slot: "old" };
  if (!answers.old.accepted) return { step: "retire" };
  return {
    step: "wait",
    at: whenExposedIsAskedAgain(now, slots.old?.until ?? null),
    because: "exposed-lives",
  };
}

/** @param until when it should die, epoch milliseconds; null: not known */
export function whenExposedIsAskedAgain(now: number, until: number | null): number {
  if (until === null || until <= now) return now + OUTLIVES_RECHECK_MS;
  return Math.min(until + DEATH_SLACK_MS, now + EXPOSED_REMINDER_MS);
}

/** No roll-out: what is promoted here is about to be killed. */
function settle(until: number | null): Step {
  return { step: "promote", former: { slot: "active", until }, alarms: [] };
}

/** Row 7. Preflight, then issue without a grace. What cannot rotate itself is replaced. */
function beforeIssuing(situation: Situation): Step {
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  if (!active.accepted) return ifOldLives(situation);
  if (situation.intent.kind === "resume") return done("nothing-left");
  const { status, rotatable } = active.key;
  if (status === "expired" || status === "revoked" || !rotatable) return nextReplacementStep(situation);
  return limited(situation);
}

/** Beyond so many within an hour something is wrong that rotating does not mend. */
function limited(situation: Situation): Step {
  return isBeyondLimit(situation) ? { step: "page", reason: "too-many-revoke-firsts" } : ISSUE;
}

export function isBeyondLimit({ recentRevokeFirsts, policy }: Situation): boolean {
  return recentRevokeFirsts >= policy.revokeFirstsPerHour;
}
