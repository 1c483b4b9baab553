/**
 * A key that its platform rotates at Paddle, as a pure decision: the platform is asked and followed, consumers switch
 * over as ever, and no step writes a slot. The first row that matches wins.
 */
import { beginAt } from "../core/due.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { PlatformState } from "../core/ports.ts";
import { activeKeyId, keyIdOf, type OldSecret } from "../core/slots.ts";
import { isPastWarning, whileOldLives } from "./next-step.ts";
import { afterSwitch } from "./replacement.ts";
import { isBeyondLimit, whenExposedIsAskedAgain } from "./revoke-first.ts";
import type { Decide } from "./situation.ts";
import { answerOf, done, isMet, type Situation, type Step } from "./situation.ts";

/**
 * What a job came for. `resumed`: found without a job, it gives way to no exposure; `replace`: the key is said to be
 * dead.
 */
export type Way = "graceful" | "resumed" | "revoke-first" | "replace";

/** A platform is done within seconds, as a rule: looked at after a quarter of the time so far, within these bounds. */
const SOONEST_MS = 5_000;
const LATEST_MS = 60_000;
/** How often it is looked whether a person has done what was asked of them. */
const PERSON_RECHECK_MS = 2 * 60_000;
/** The same while the key still works. */
const UNHURRIED_RECHECK_MS = 15 * 60_000;

/** The table. */
export function platformTable(way: Way): Decide {
  return (situation) => {
    if (way !== "resumed") return nextPlatformStep(way, situation);
    return nextPlatformStep(situation.exposureOpen ? "revoke-first" : "graceful", situation);
  };
}

function nextPlatformStep(way: Exclude<Way, "resumed">, situation: Situation): Step {
  const { slots, intent, answers, now } = situation;
  // 1. A person put another key there.
  if (slots.active && activeKeyId(slots) !== situation.keyId) return whereReplaced(situation);
  // 2. An exposure of this key goes first.
  if (way === "graceful" && situation.exposureOpen) return done("gave-way");
  // 3. A platform's rotation brings no new expiry: neither one that was made nor one that could be is of help.
  const isRefused = answerOf("active", situation)?.accepted === false;
  if (intent.kind === "expiring" && !isRefused) return beforeExpiry(situation);
  // 4. A refusal may be of a moment in which the platform has ended the one and not promoted the other.
  const platform = isRefused ? answers.platformWhileRefused : answers.platform;
  if (!platform) return { step: "look-at-platform" };
  // 5. Rotated, for this intent or after it: the old secret's end is waited for and proved.
  const isMade = platform.kind === "done" || isMet(intent, slots.active);
  if (isMade && intent.kind !== "expiring") return whileOldDies(way, situation, platform);
  // 6. Nothing but a person frees it; which way depends on whether the active secret still works.
  if (platform.kind === "stuck") return whileStuck(situation, platform);
  // 7. It is at work, for this intent or another one.
  if (platform.kind === "running") {
    const pause = Math.min(Math.max((now - platform.since) / 4, SOONEST_MS), LATEST_MS);
    return { step: "wait", at: now + pause, because: "platform-rotates" };
  }
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  // 8. No secret here can ask Paddle for another one.
  if (!active.accepted) return needsKey(situation);
  return beforeAsking(way, situation, active.key); // 9, 10
}

/** Row 1. As after any replacement, but the former secret stays where the platform keeps it. */
function whereReplaced(situation: Situation): Step {
  const step = afterSwitch(situation);
  const isOver = step.step === "done" || step.step === "retire";
  if (!isOver) {
    // Its use hides from nobody when an exposed key was used last: that it is dead is what matters.
    const mayAsk = situation.intent.kind === "exposed" && situation.answers.former === "unreadable";
    if (mayAsk && !situation.answers.old) return { step: "ask", slot: "old" };
    if (!mayAsk || situation.answers.old?.accepted) return step;
  }
  return done(isMet(situation.intent, situation.slots.active) ? "switched" : "replaced");
}

/** Row 3. */
function beforeExpiry(situation: Situation): Step {
  const active = answerOf("active", situation);
  if (!active?.accepted) return { step: "ask", slot: "active" };
  const { warnedExpiryAt } = situation;
  const isPast = warnedExpiryAt !== null && isPastWarning(active.key.expiresAt, warnedExpiryAt);
  return isPast ? done("stale") : needsKey(situation);
}

/** Row 5. */
function whileOldDies(way: Way, situation: Situation, platform: PlatformState): Step {
  if (way === "revoke-first") return whileExposedDies(situation);
  const old = ownOld(situation);
  const step = old && whileOldLives(situation, old.until);
  if (step && step.step !== "retire") return step;
  if (situation.intent.kind === "resume") return done("followed");
  return done(platform.kind === "done" ? "rotated" : "met-already");
}

/** Row 5 of an exposure. Whatever was issued before it is asked for at once, and watched until Paddle refuses it. */
function whileExposedDies(situation: Situation): Step {
  const { answers, intent, now } = situation;
  const old = ownOld(situation);
  if (old && (old.issuedAt === null || old.issuedAt < intent.requestedAt)) {
    if (!answers.old) return { step: "ask", slot: "old" };
    if (answers.old.accepted)
      return { step: "wait", at: whenExposedIsAskedAgain(now, old.until), because: "exposed-lives" };
  }
  if (answers.active?.accepted === false) return needsKey(situation);
  // One that an earlier grace keeps alive is in no slot any more.
  if (!answers.strangeGraces) return { step: "list-strange-graces" };
  if (answers.strangeGraces.length > 0) {
    const until = Math.max(...answers.strangeGraces.map(({ expiresAt }) => expiresAt ?? now));
    return { step: "wait", at: whenExposedIsAskedAgain(now, until), because: "exposed-lives" };
  }
  return done(intent.kind === "resume" ? "followed" : "rotated");
}

/** Row 6. */
function whileStuck(situation: Situation, { finish }: Extract<PlatformState, { kind: "stuck" }>): Step {
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  if (!active.accepted && finish === null) return needsKey(situation);
  return { step: "wait", at: situation.now + PERSON_RECHECK_MS, because: "platform-stuck" };
}

/** Rows 3, 8 and 9. A person puts another key there, and the job goes on by itself. */
function needsKey({ answers, standbyElsewhere, now }: Situation): Step {
  if (standbyElsewhere && answers.standbyElsewhere === undefined) return { step: "find-standby" };
  const pause = answers.active?.accepted ? UNHURRIED_RECHECK_MS : PERSON_RECHECK_MS;
  return { step: "wait", at: now + pause, because: "platform-needs-key" };
}

/** Row 9: what no rotation helps. Row 10: the platform is asked. */
function beforeAsking(way: Way, situation: Situation, key: ApiKey): Step {
  const { intent, now, policy } = situation;
  const isDead = key.status === "expired" || key.status === "revoked";
  if (intent.kind === "resume") return done("nothing-left");
  if (intent.kind === "expired" || intent.kind === "revoked")
    return isDead ? needsKey(situation) : done("reactivated");
  if (isDead || way === "replace") return needsKey(situation);
  if (!key.rotatable) return needsKey(situation);
  if (way === "revoke-first") {
    if (isBeyondLimit(situation)) return { step: "page", reason: "too-many-revoke-firsts" };
    return { step: "ask-platform", graceSeconds: 0 };
  }
  if (intent.kind === "scheduled") {
    const { at } = beginAt({ policy, expiresAt: key.expiresAt, now });
    if (at > now) return { step: "wait", at, because: "outside-window" };
  }
  // Never a second grace while one runs.
  const old = ownOld(situation);
  const step = old && whileOldLives(situation, old.until);
  if (step && step.step !== "retire") return step;
  return { step: "ask-platform", graceSeconds: situation.graceSeconds };
}

/** The former secret of this key. A platform keeps it when it is dead, too. */
function ownOld({ slots, keyId }: Situation): OldSecret | null {
  return slots.old && keyIdOf(slots.old) === keyId ? slots.old : null;
}
