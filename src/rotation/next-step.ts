/**
 * The graceful rotation as a pure decision: what is true now → the one step that comes next.
 * The order of the rows was model-checked (crash between any two effects, two workers, exposure,
 * foreign rotation, rollback and restore at any point): the first row that matches wins.
 * Nothing that a job remembers takes part; only the slots and what Paddle answers.
 */
import type { ApiKey } from "../core/paddle-key.ts";
import { activeKeyId, type IssuedSecret, type Slots } from "../core/slots.ts";
import type { Intent } from "../core/work.ts";

/** What Paddle said when it was asked with the secret of one slot, under the slots' present version. */
export type Answer =
  { readonly accepted: true; readonly key: ApiKey; readonly at: number } | { readonly accepted: false };

export type Answers = { readonly active?: Answer; readonly old?: Answer; readonly pending?: Answer };

export type Situation = {
  readonly now: number;
  readonly keyId: string;
  readonly intent: Intent;
  /** The expiry that an `expiring` event warned of; null: the intent is about no expiry. */
  readonly warnedExpiryAt: number | null;
  /** The grace wanted by this intent, in seconds. */
  readonly graceSeconds: number;
  readonly slots: Slots;
  readonly answers: Answers;
  /** An exposure of this key waits to be dealt with. */
  readonly exposureOpen: boolean;
};

export type DoneResult = "rotated" | "met-already" | "stale" | "replaced" | "gave-way";
export type PageReason = "lost" | "not-rotatable" | "not-active";

export type Step =
  | { readonly step: "done"; readonly result: DoneResult }
  | { readonly step: "ask"; readonly slot: "active" | "old" }
  | { readonly step: "activate" }
  | { readonly step: "promote"; readonly activatedAt: number }
  | { readonly step: "put-back-old" }
  | { readonly step: "swap-forward" }
  | { readonly step: "retire" }
  | { readonly step: "issue"; readonly graceSeconds: number }
  | { readonly step: "wait"; readonly at: number; readonly because: WaitReason }
  | { readonly step: "page"; readonly reason: PageReason };

export type WaitReason = "old-in-grace" | "old-dies-soon" | "old-outlives-grace" | "rolled-back";

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
  // 1. Another key took over: nothing of this one is used any more.
  if (slots.active && activeKeyId(slots) !== keyId) return done("replaced");
  // 2. An exposure of this key goes first.
  if (situation.exposureOpen) return done("gave-way");
  // 3. Nothing left to do, unless what is pending is this job's own.
  if (isMet(intent, slots.active) && !slots.old && slots.pending?.intentId !== intent.id) {
    return done(slots.active?.intentId === intent.id ? "rotated" : "met-already");
  }
  if (slots.pending) return afterStaging(situation); // 4
  if (slots.rolledBack && slots.old) return whileRolledBack(situation, slots.old.until); // 5
  if (slots.old) return whileOldLives(situation, slots.old.until); // 6
  return beforeIssuing(situation); // 7
}

/** An intent is met by a secret that was issued for it, or after it was asked for. */
export function isMet(intent: Intent, active: IssuedSecret | null): boolean {
  if (!active) return false;
  return active.intentId === intent.id || (active.issuedAt !== null && active.issuedAt >= intent.requestedAt);
}

/** Row 4. The staged secret's first use is its activation; if Paddle refuses it, find out which secret lives. */
function afterStaging({ slots, answers, graceSeconds }: Situation): Step {
  if (!answers.pending) return { step: "activate" };
  if (answers.pending.accepted) return { step: "promote", activatedAt: answers.pending.at };
  const active = answerOf("active", slots, answers);
  if (!active) return { step: "ask", slot: "active" };
  if (active.accepted) {
    const staged = slots.pending?.graceSeconds ?? graceSeconds;
    return { step: "issue", graceSeconds: Math.min(staged, graceSeconds) };
  }
  return ifOldLives(slots, answers);
}

/** Row 5. A rollback buys time, no more: the newer secret comes back before the older one dies. */
function whileRolledBack({ now, slots, answers }: Situation, until: number | null): Step {
  const end = (until ?? now) - ROLLBACK_MARGIN_MS;
  if (now >= end) return { step: "swap-forward" };
  const active = answerOf("active", slots, answers);
  if (!active) return { step: "ask", slot: "active" };
  return active.accepted ? { step: "wait", at: end, because: "rolled-back" } : { step: "swap-forward" };
}

/** Row 6. The old secret is retired once Paddle refuses it, never because a clock says so. */
function whileOldLives({ now, answers }: Situation, until: number | null): Step {
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

/** Row 7. Preflight, then issue. */
function beforeIssuing({ slots, answers, graceSeconds, warnedExpiryAt }: Situation): Step {
  const active = answerOf("active", slots, answers);
  if (!active) return { step: "ask", slot: "active" };
  if (!active.accepted) return ifOldLives(slots, answers);
  const { key } = active;
  if (key.status === "expired" || key.status === "revoked") return { step: "page", reason: "not-active" };
  if (warnedExpiryAt !== null && isLater(key.expiresAt, warnedExpiryAt)) return done("stale");
  if (!key.rotatable) return { step: "page", reason: "not-rotatable" };
  return { step: "issue", graceSeconds };
}

/** Paddle refuses active: the old secret is the last that may live. */
function ifOldLives(slots: Slots, answers: Answers): Step {
  const old = answerOf("old", slots, answers);
  if (!old) return { step: "ask", slot: "old" };
  return old.accepted ? { step: "put-back-old" } : { step: "page", reason: "lost" };
}

/** An empty slot holds nothing that Paddle could accept. */
function answerOf(slot: "active" | "old", slots: Slots, answers: Answers): Answer | undefined {
  return slots[slot] ? answers[slot] : { accepted: false };
}

/** The world has moved past a warning once the key's expiry is later than the one warned of. */
function isLater(expiresAt: number | null, warnedExpiryAt: number): boolean {
  return expiresAt === null || expiresAt > warnedExpiryAt + SAME_EXPIRY_MS;
}

function done(result: DoneResult): Step {
  return { step: "done", result };
}
