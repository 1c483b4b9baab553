/**
 * The end of a revoke-first, whichever job comes to it: its secret was activated, and before anybody gets it Paddle is
 * asked whether the former ones are dead.
 */
import { answerOf, type Alarm, type Former, type Situation, type Step } from "./situation.ts";

/** To be decided once Paddle has accepted the pending secret. */
export function promoteProven(situation: Situation): Step {
  const active = answerOf("active", situation);
  if (!active) return { step: "ask", slot: "active" };
  const old = answerOf("old", situation);
  if (!old) return { step: "ask", slot: "old" };
  const { strangeGraces } = situation.answers;
  if (!strangeGraces) return { step: "list-strange-graces" };
  const alarms: Alarm[] = [];
  if (active.accepted) alarms.push("active");
  if (old.accepted) alarms.push("old");
  if (strangeGraces.length > 0) alarms.push("strange");
  return { step: "promote", former: livesOn(active.accepted, old.accepted, situation), alarms };
}

/** One slot is left for a secret that lives on: the younger one, which lives longer. */
function livesOn(activeLives: boolean, oldLives: boolean, { slots }: Situation): Former | null {
  if (activeLives) return { slot: "active", until: null };
  return oldLives ? { slot: "old", until: slots.old?.until ?? null } : null;
}
