/**
 * A key that cannot rotate itself, as a pure decision: expired, revoked, made without rotation, or exposed and
 * revoked. Another key takes its place: the standby, or one that a person brings. The first row that matches wins.
 */
import { activeKeyId, isLegacy, keyIdOf, type IssuedSecret, type OldSecret } from "../core/slots.ts";
import type { IntentKind } from "../core/work.ts";
import { promoteProven } from "./prove.ts";
import { answerOf, done, isMet, type Situation, type Step } from "./situation.ts";

/** Paddle: a key revoked by a person can be brought back in the dashboard for this long (contract §7). */
export const REACTIVATION_MS = 60 * 60_000;
/** How often a revoked key is asked whether it was brought back. */
const REACTIVATION_RECHECK_MS = 2 * 60_000;
/** `last_used_at` is accurate to an hour (contract §1); looking more often says nothing new. */
export const FORMER_RECHECK_MS = 60 * 60_000;

/** The first matching row of the table. */
export function nextReplacementStep(situation: Situation): Step {
  const { slots, keyId, intent } = situation;
  if (intent.kind === "manual") {
    // The active secret names no key, or there is none: then the work is about the key that a person brought.
    const { standby } = slots;
    const isActive = activeKeyId(slots) === keyId;
    if (isActive && slots.active?.intentId === intent.id) return done("switched");
    if (!isActive && standby && keyIdOf(standby) === keyId && isMet(intent, standby))
      return withBrought(situation, standby);
  }
  if (slots.active && activeKeyId(slots) !== keyId) return afterSwitch(situation);
  if (slots.pending) {
    const next = afterStaging(situation, slots.pending);
    if (next) return next;
  }
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  if (active.accepted && isStandDown(situation.intent.kind)) return done("reactivated");
  if (!active.accepted) {
    const old = answerOf("old", situation);
    if (!old) return { step: "ask", slot: "old" };
    if (old.accepted) return { step: "put-back-old" };
  }
  return withStandby(situation, active.accepted);
}

/** Nothing is known of the former secret but that it may still work: it lives on for the overlap. */
function withBrought(situation: Situation, standby: IssuedSecret): Step {
  const faults = situation.answers.standbyFaults;
  if (!faults) return { step: "check-standby", standby };
  if (faults.length > 0) return { step: "page", reason: "standby-unfit" };
  return { step: "promote-standby", standby, until: endOfOverlap(situation) };
}

/** The key was reported dead, and Paddle accepts it: a person brought it back. */
function isStandDown(kind: IntentKind): boolean {
  return kind === "expired" || kind === "revoked" || kind === "resume";
}

/** A staged secret is activated and promoted, whichever key it is of; null: Paddle refuses it. */
function afterStaging(situation: Situation, pending: IssuedSecret): Step | null {
  const { answers, keyId, slots, now } = situation;
  if (!answers.pending) return { step: "activate" };
  if (!answers.pending.accepted) return null;
  if (keyIdOf(pending) === keyId && slots.pending?.mode === "revoke-first") return promoteProven(situation);
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  const isSameKey = keyIdOf(pending) === keyId;
  const until = isSameKey ? now + (slots.pending?.graceSeconds ?? 0) * 1000 : endOfOverlap(situation);
  const former = active.accepted ? ({ slot: "active", until } as const) : null;
  // The standby was made new because it may have leaked: that its former secret is dead is proved like any other.
  const isRenewed = !isSameKey && slots.standby !== null && keyIdOf(slots.standby) === keyIdOf(pending);
  if (isRenewed && !answers.standby) return { step: "ask", slot: "standby" };
  return { step: "promote", former, alarms: isRenewed && answers.standby?.accepted ? ["standby"] : [] };
}

function withStandby(situation: Situation, activeLives: boolean): Step {
  const { slots, answers, intent, now } = situation;
  if (!slots.standby && situation.standbyElsewhere && answers.standbyElsewhere === undefined)
    return { step: "find-standby" };
  const standby = slots.standby ?? answers.standbyElsewhere ?? null;
  if (!standby || isOfNoHelp(standby, situation)) {
    // Paddle brings back no legacy key, and none that was exposed (contract §7).
    const isFinal = situation.exposureOpen || (slots.active !== null && isLegacy(slots.active));
    const reactivable = intent.kind === "revoked" && !isFinal;
    return reactivable && now < intent.requestedAt + REACTIVATION_MS
      ? { step: "wait", at: now + REACTIVATION_RECHECK_MS, because: "may-be-reactivated" }
      : { step: "page", reason: "no-standby" };
  }
  if (!answers.standbyFaults) return { step: "check-standby", standby };
  if (answers.standbyFaults.length > 0) return { step: "page", reason: "standby-unfit" };
  if (slots.standby && !isMet(intent, standby)) {
    // It lay beside the exposed secret: whoever has one may have the other. Of a revocation it is not known whether an
    // exposure is its reason: the webhooks come in any order.
    const mayHaveLeaked = situation.exposureOpen || intent.kind === "revoked";
    if (mayHaveLeaked && answers.standbyRotatable !== false) return { step: "renew-standby", standby };
    if (situation.exposureOpen) return { step: "page", reason: "standby-leaked" };
  }
  return { step: "promote-standby", standby, until: activeLives ? endOfOverlap(situation) : null };
}

/** A secret of the same key is, unless a rotation of the standby made it after its former one was promoted. */
function isOfNoHelp(standby: IssuedSecret, { slots, keyId }: Situation): boolean {
  if (keyIdOf(standby) !== keyId) return false;
  return slots.standby !== null || slots.active?.secret.equals(standby.secret) === true;
}

/** An exposed key gets no overlap. */
function endOfOverlap({ now, policy, exposureOpen }: Situation): number {
  return exposureOpen ? now : now + policy.overlapMs;
}

/**
 * Another key is active. While the former one lives beside it, its end is a person's: they are asked, and the
 * secret leaves the store once Paddle says that the key is dead. We never authenticate with it meanwhile: that would
 * falsify when it was last used.
 */
export function afterSwitch(situation: Situation): Step {
  const { slots, intent, keyId, answers } = situation;
  const former = slots.old;
  if (!former || keyIdOf(former) !== keyId)
    return done(slots.active?.intentId === intent.id ? "switched" : "replaced");
  if (intent.kind === "expired") return { step: "retire" };
  // A revocation can be taken back, and its webhook can be late: where Paddle can be asked, it is.
  if (!answers.former) return { step: "read-former" };
  if (answers.former === "unreadable")
    return intent.kind === "revoked" ? { step: "retire" } : afterOverlap(situation, former, null);
  const isDead = answers.former.status === "revoked" || answers.former.status === "expired";
  return isDead ? { step: "retire" } : afterOverlap(situation, former, FORMER_RECHECK_MS);
}

/** @param recheckMs how often the former key can be looked at; null: nobody may read it, its webhook will tell */
function afterOverlap({ now, intent }: Situation, former: OldSecret, recheckMs: number | null): Step {
  const end = intent.kind === "exposed" ? now : (former.until ?? now);
  if (now < end) {
    const at = recheckMs === null ? end : Math.min(end, now + recheckMs);
    return { step: "wait", at, because: "overlap" };
  }
  return { step: "wait", at: now + (recheckMs ?? 24 * FORMER_RECHECK_MS), because: "former-not-revoked" };
}
