/** What holds whatever a neighbour does. Left out here is what depends on how long it does it. */
import type { Verdict } from "./play.ts";

/** Paddle waits no longer for an answer. */
const ANSWER_MS = 5_000;

/** In words; empty: all of them were kept. */
export function brokenPromises(verdict: Verdict): string[] {
  const { slowestMs, answers, lost, activated, deadSeen, wellAfterMs, unfinished } = verdict;
  const odd = Object.keys(answers).filter((status) => status !== "200" && status !== "503");
  const wrong = Object.entries(activated).filter(([, count]) => count !== 1);
  return [
    ...(slowestMs > ANSWER_MS ? [`a webhook was answered after ${slowestMs} ms`] : []),
    ...(odd.length > 0 ? [`webhooks were answered ${odd.join(", ")}`] : []),
    ...(lost.length > 0 ? [`${lost.length} accepted events came to nothing, e.g. ${lost[0]}`] : []),
    ...wrong.map(([name, count]) => `${count} rotations of ${name} were activated, for one intent`),
    ...(deadSeen > 0 ? [`${deadSeen} times a secret was in use that Paddle refuses`] : []),
    ...(wellAfterMs === null ? unfinished.slice(0, 10) : []),
  ];
}
