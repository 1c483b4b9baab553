/**
 * The crash matrix: every scenario is played once for each of its effects and each mishap there. It must come to the
 * same right end as if nothing had happened, with every invariant whole after every effect.
 */
import { describe, expect, it } from "vitest";
import { effectsOf, MISHAPS, playWith } from "../../support/engine/play.ts";
import { SCENARIOS } from "../../support/engine/scenarios.ts";

const ENDS = {
  "dies before": "when the process dies before any of its effects",
  "dies after": "when the process dies after any of its effects",
  "loses the answer of": "when any answer of Paddle's is lost",
  "wakes up soon": "when a worker stands still before any effect while another one does the same job",
  "wakes up late": "when a worker stands still before any effect until the other one is long through",
} as const;

describe.each(SCENARIOS)("$name", (scenario) => {
  it.each(MISHAPS.map((mishap) => ({ mishap, when: ENDS[mishap] })))(
    "comes to its right end $when",
    async ({ mishap }) => {
      const { effects } = await effectsOf(scenario);
      const wrong: string[] = [];
      for (const [index, effect] of effects.entries()) {
        const played = await playWith(scenario, mishap, index);
        wrong.push(...played.wrong.map((what) => `${mishap} ${index}, ${effect}: ${what}`));
      }
      expect(wrong).toEqual([]);
    },
    30_000,
  );
});
