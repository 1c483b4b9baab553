/** This machine's clock against that of Paddle: a wrong one refuses every webhook. */
import { formatDuration } from "../../core/duration.ts";
import type { Clock } from "../../core/ports.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const ABOUT = "clock";
const NEWS_MS = 2_000;
const FIX = "set the clock by NTP (timedatectl set-ntp true, or that of the host)";

/** What Paddle's clock said, and our own just before and after. Epoch milliseconds. */
export type Reading = { readonly before: number; readonly theirs: number; readonly after: number };

/** Asks for nothing but the headers, without credentials. Throws if there is no answer with a date. */
export async function readClock(root: URL, clock: Pick<Clock, "now">, signal: AbortSignal): Promise<Reading> {
  const before = clock.now();
  const answer = await fetch(root, { method: "HEAD", redirect: "manual", signal });
  const after = clock.now();
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) throw new Error("the answer has no date");
  return { before, theirs, after };
}

/** @param toleranceMs how old a webhook may be: beyond that it is refused */
export function judgeClock({ before, theirs, after }: Reading, toleranceMs: number): Finding {
  // The header names a whole second, and the answer was made at some moment between the two of ours.
  const middle = (before + after) / 2 - (theirs + 500);
  const doubt = (after - before) / 2 + 500;
  const least = Math.max(0, Math.abs(middle) - doubt);
  if (least <= NEWS_MS) return ok(ABOUT, "it agrees with Paddle's");
  const says = `this machine's clock is ${formatDuration(least)} ${middle > 0 ? "ahead of" : "behind"} Paddle's`;
  if (least <= toleranceMs)
    return warning(ABOUT, `${says}; beyond ${formatDuration(toleranceMs)} every webhook is refused`, FIX);
  return failed(
    ABOUT,
    `${says}: every webhook is refused (WEBHOOK_TOLERANCE is ${formatDuration(toleranceMs)})`,
    FIX,
  );
}
