/** Accidents seldom come alone: the process that goes on after a crash dies as well, at any later effect. */
import { describe, expect, it } from "vitest";
import { effectsOf, playWithCrashes } from "../../support/engine/play.ts";
import { SCENARIOS } from "../../support/engine/scenarios.ts";

/** A scenario of many effects only repeats itself: a person who is waited for. */
const MOST_EFFECTS = 22;

describe.each(SCENARIOS)("$name", (scenario) => {
  it("comes to its right end when the process dies twice, before any two of its effects", async () => {
    const { effects } = await effectsOf(scenario);
    const count = Math.min(effects.length, MOST_EFFECTS);
    const wrong: string[] = [];
    for (let first = 0; first < count; first += 1) {
      for (let second = 0; second <= count; second += 1) {
        const played = await playWithCrashes(scenario, [first, second]);
        wrong.push(...played.wrong.map((what) => `dies before ${first}, then ${second} later: ${what}`));
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});
