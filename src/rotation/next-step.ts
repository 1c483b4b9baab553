/**
 * The graceful rotation as a pure decision: what is true now → the one step that comes next.
 * The order of the rows was model-checked (crash between any two effects, two workers, exposure,
 * foreign rotation, rollback and restore at any point): the first row that matches wins.
 */
import { beginAt } from "../core/due.ts";
import { activeKeyId, keyIdOf, type PendingSecret, type Slots } from "../core/slots.ts";
import { promoteProven } from "./prove.ts";
import { nextReplacementStep } from "./replacement.ts";
import { answerOf, done, isMet, type Situation, type Step } from "./situation.ts";

/** `until` comes from our clock and Paddle's death sentence from Paddle's: ask a little later than we think. */
export const DEATH_SLACK_MS = 2_000;
/** Clocks may differ by this much before an old secret that still works is news. */
export const CLOCK_DOUBT_MS = 60_000;
/** How often an old secret that should be dead is looked at again. */
export const OUTLIVES_RECHECK_MS = 5 * 60_000;
/** A rollback ends this long before the old secret dies. */
export const ROLLBACK_MARGIN_MS = 5 * 60_000;
/** Two renderings of the same expiry may differ in their fraction of a second. */
const SAME_EXPIRY_MS = 1_000;

/** The first matching row of the table. */
export function nextStep(situation: Situation): Step {
  const { slots, intent, keyId } = situation;
  // 1. Another key took over, or is about to: nothing of this one is used any more.
  const isForAnotherKey = slots.pending !== null && keyIdOf(slots.pending) !== keyId;
  if ((slots.active && activeKeyId(slots) !== keyId) || isForAnotherKey)
    return nextReplacementStep(situation);
  // 2. An exposure of this key goes first.
  if (situation.exposureOpen) return done("gave-way");
  const old = oldInTheWay(situation);
  // 3. Nothing left to do, unless what is pending is this job's own.
  if (isMet(intent, slots.active) && !old && slots.pending?.intentId !== intent.id) {
    return done(slots.active?.intentId === intent.id ? "rotated" : "met-already");
  }
  if (slots.pending) return afterStaging(situation, slots.pending, old); // 4
  if (slots.rolledBack && old) return whileRolledBack(situation, old.until); // 5
  if (old) return whileOldLives(situation, old.until); // 6
  return beforeIssuing(situation); // 7
}

/**
 * The old secret, unless it is of a former key. Its overlap is no grace of the present key: what is urgent does not wait
 * for it, and a person is told to end it. What is not, waits for as long as the overlap was meant to last.
 */
function oldInTheWay({ slots, keyId, now, intent }: Situation): Slots["old"] {
  const { old } = slots;
  if (!old || keyIdOf(old) === keyId) return old;
  if (intent.kind !== "scheduled") return null;
  return old.until !== null && now < old.until ? old : null;
}

/** Row 4. The staged secret's first use is its activation; if Paddle refuses it, find out which secret lives. */
function afterStaging(situation: Situation, pending: PendingSecret, old: Slots["old"]): Step {
  const { answers, graceSeconds } = situation;
  const staged = pending.graceSeconds;
  if (!answers.pending) return { step: "activate" };
  if (answers.pending.accepted) {
    if (pending.mode === "revoke-first") return promoteProven(situation);
    const until = staged === null ? null : answers.pending.at + staged * 1000;
    return { step: "promote", former: { slot: "active", until }, alarms: [] };
  }
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  if (!active.accepted) return ifOldLives(situation);
  // Never a second grace while one runs.
  if (old) return whileOldLives(situation, old.until);
  return { step: "issue", graceSeconds: Math.min(staged ?? graceSeconds, graceSeconds), mode: "graceful" };
}

/** Row 5. A rollback buys time, no more: the newer secret comes back before the older one dies. */
function whileRolledBack(situation: Situation, until: number | null): Step {
  const { now } = situation;
  const end = (until ?? now) - ROLLBACK_MARGIN_MS;
  if (now >= end) return backToNewer(situation);
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  return active.accepted ? { step: "wait", at: end, because: "rolled-back" } : backToNewer(situation);
}

/** Ends a rollback. A person may have emptied the active slot meanwhile. */
export function backToNewer({ slots }: Situation): Step {
  return { step: slots.active ? "swap-forward" : "put-back-old" };
}

/** Row 6. The old secret is retired once Paddle refuses it, never because a clock says so. */
export function whileOldLives({ now, answers }: Situation, until: number | null): Step {
  if (until !== null && now < until + DEATH_SLACK_MS) {
    return { step: "wait", at: until + DEATH_SLACK_MS, because: "old-in-grace" };
  }
  if (!answers.old) return { step: "ask", slot: "old" };
  if (!answers.old.accepted) return { step: "retire" };
  if (until === null || now >= until + CLOCK_DOUBT_MS) {
    return { step: "wait", at: now + OUTLIVES_RECHECK_MS, because: "old-outlives-grace" };
  }
  // Twice as late each time: a few questions, not a storm of them.
  return { step: "wait", at: now + (now - until), because: "old-dies-soon" };
}

/** Row 7. Preflight, then issue. A key that cannot rotate itself is replaced. */
function beforeIssuing(situation: Situation): Step {
  const { graceSeconds, warnedExpiryAt, intent } = situation;
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  if (!active.accepted) return ifOldLives(situation);
  if (intent.kind === "resume") return done("nothing-left");
  const { key } = active;
  if (key.status === "expired" || key.status === "revoked") return nextReplacementStep(situation);
  if (warnedExpiryAt !== null && isPastWarning(key.expiresAt, warnedExpiryAt)) return done("stale");
  if (!key.rotatable) return nextReplacementStep(situation);
  if (intent.kind !== "expiring" && intent.kind !== "scheduled")
    return { step: "issue", graceSeconds, mode: "graceful" };
  const { now, policy } = situation;
  const { at, forced } = beginAt({ policy, expiresAt: key.expiresAt, now });
  if (at > now) return { step: "wait", at, because: "outside-window" };
  return { step: "issue", graceSeconds, mode: "graceful", forced };
}

/** Paddle refuses active: the old secret is the last that may live. */
export function ifOldLives(situation: Situation): Step {
  const old = answerOf("old", situation);
  if (!old) return { step: "ask", slot: "old" };
  return old.accepted ? { step: "put-back-old" } : nextReplacementStep(situation);
}

/** The world has moved past a warning once the key's expiry is later than the one warned of. */
export function isPastWarning(expiresAt: number | null, warnedExpiryAt: number): boolean {
  return expiresAt === null || expiresAt > warnedExpiryAt + SAME_EXPIRY_MS;
}
