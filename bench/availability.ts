/**
 * How long the service is interrupted by what infrastructure does, under 200 webhooks a second and 20 rotations:
 * `npm run bench -- availability [webhooks a second] [keys] [seconds of load after the strike]`.
 * Every accepted event must have its outcome, every key exactly one activated rotation, and every active secret that is
 * seen on the way must be alive: else it fails.
 */
import { play, type Verdict } from "../test/support/availability/play.ts";
import {
  FORGETFUL_STORIES,
  OTHER_STORIES,
  REDIS_STORIES,
  SLOW_STORIES,
} from "../test/support/availability/stories.ts";
import { RELEASE_STORIES } from "../test/support/releases/stories.ts";
import { table } from "./report.ts";

/** Longer than the longest gap. */
const GRACE_SECONDS = 25;
const HEAD = [
  "story",
  "accepted",
  "lost",
  "found by sweep",
  "refused",
  "unanswered",
  "webhook gap s",
  "work gap s",
  "activated twice",
];

const STORIES = [
  ...REDIS_STORIES,
  ...OTHER_STORIES,
  ...RELEASE_STORIES,
  ...SLOW_STORIES,
  ...FORGETFUL_STORIES,
];

export async function availability(): Promise<void> {
  const [webhooksPerSecond = 200, keys = 20, seconds = 30] = process.argv.slice(3).map(Number);
  console.log(`${webhooksPerSecond} webhooks a second, ${keys} keys, load for ${seconds} s after the strike`);
  const rows: string[][] = [];
  let isWell = true;
  for (const story of STORIES) {
    const verdict = await play(story, {
      webhooksPerSecond,
      keys,
      afterMs: seconds * 1_000,
      graceSeconds: GRACE_SECONDS,
      untilRetired: true,
    });
    console.log(`played: ${story.name}`);
    rows.push([story.name, ...figures(verdict)]);
    for (const fault of faults(verdict)) {
      isWell = false;
      console.error(`${story.name}: ${fault}`);
    }
  }
  console.log(table(HEAD, rows));
  if (!isWell) process.exitCode = 1;
}

function figures(verdict: Verdict): string[] {
  return [
    String(verdict.accepted),
    String(verdict.lost.length),
    String(verdict.foundBySweep.length),
    String(verdict.refused),
    String(verdict.unanswered),
    (verdict.webhookGapMs / 1_000).toFixed(1),
    (verdict.workGapMs / 1_000).toFixed(1),
    String(verdict.activated.filter((count) => count > 1).length),
  ];
}

function faults({ lost, unfinished, deadSeen, activated }: Verdict): string[] {
  return [
    ...(lost.length > 0
      ? [`${lost.length} accepted events came to nothing, or only with another worker, e.g. ${lost[0]}`]
      : []),
    ...(deadSeen > 0 ? [`${deadSeen} times an active secret was seen that Paddle refuses`] : []),
    ...(activated.every((count) => count === 1)
      ? []
      : [`activated rotations by key: ${activated.join(", ")}`]),
    ...unfinished,
  ];
}
