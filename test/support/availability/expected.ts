/** What every story must come to, in the size that continuous integration has time for. */
import { expect } from "vitest";
import { play, type Size } from "./play.ts";
import type { Story } from "./stories.ts";

const SIZE: Size = {
  webhooksPerSecond: 50,
  keys: 4,
  afterMs: 3_000,
  graceSeconds: 120,
  untilRetired: false,
};

export async function endsWell(story: Story): Promise<void> {
  const verdict = await play(story, SIZE);
  expect(verdict).toMatchObject({
    lost: [],
    foundBySweep: [],
    unfinished: [],
    deadSeen: 0,
    activated: Array.from({ length: SIZE.keys }, () => 1),
  });
  expect(verdict.accepted).toBeGreaterThan((SIZE.webhooksPerSecond * SIZE.afterMs) / 1_000);
  if (story.isPlanned) expect(verdict.unanswered).toBe(0);
}
