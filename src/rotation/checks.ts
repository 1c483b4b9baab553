/** What the looks of a check add up to, as a pure decision. One bad look is no failure, and silence is no evidence. */
import type { Check, CheckAnswer } from "../core/check.ts";

export type Look = { readonly state: CheckAnswer["state"]; /** Epoch milliseconds. */ readonly at: number };

/** `unsure`: not bad for long enough, or it could not be found out. */
export type Verdict = "good" | "bad" | "unsure";

/** How much later than it was due a look may be and still continue the ones before it: one may take this long. */
const LATE_MS = 60_000;

/** @param looks of this check, newest first */
export function judgeChecks(
  looks: readonly Look[],
  check: Pick<Check, "everyMs" | "failsAfter">,
  now: number,
): Verdict {
  const [newest] = looks;
  // An answer from before a pause says nothing of now.
  if (!newest || isApart(now, newest.at, check)) return "unsure";
  if (newest.state !== "bad") return newest.state === "good" ? "good" : "unsure";
  const { count, since } = streakOf(looks, check);
  const { failsAfter } = check;
  return count >= failsAfter.looks && newest.at - since >= failsAfter.lastingMs ? "bad" : "unsure";
}

/** The bad looks that nothing parts from the newest one. Two workers that look at once have looked once. */
function streakOf(looks: readonly Look[], check: Pick<Check, "everyMs">): { count: number; since: number } {
  let count = 0;
  let counted = Infinity;
  let since = looks[0]?.at ?? 0;
  for (const { state, at } of looks) {
    if (state !== "bad" || isApart(since, at, check)) break;
    since = at;
    if (counted - at < check.everyMs / 2) continue;
    counted = at;
    count += 1;
  }
  return { count, since };
}

function isApart(later: number, at: number, { everyMs }: Pick<Check, "everyMs">): boolean {
  return later - at > everyMs + LATE_MS;
}

/** How many looks, newest first, are enough to judge by. */
export function looksToJudge({ everyMs, failsAfter }: Pick<Check, "everyMs" | "failsAfter">): number {
  // A look a little early is one more within the same time; and two workers may look at once.
  return 2 * (Math.max(failsAfter.looks, Math.ceil(failsAfter.lastingMs / everyMs)) + 2);
}
