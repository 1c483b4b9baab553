/**
 * Rows of the crash matrix on every secret store: a graceful rotation and a revoke-first, with every mishap at every
 * effect, two workers included. The stores are the real ones, driven by the vendors' clients where there are any.
 */
import { describe, expect, it } from "vitest";
import { BESIDE } from "../../contract/secret-store-samples.ts";
import { effectsOf, MISHAPS, playWith, type Scenario } from "../../support/engine/play.ts";
import { MirroredStore } from "../../support/engine/mirrored-store.ts";
import { SCENARIOS } from "../../support/engine/scenarios.ts";
import { STORE_PLACES } from "../../support/stores/places.ts";

const ROWS = SCENARIOS.filter(({ name }) => ["graceful", "revoke first"].includes(name));

describe.each(Object.entries(STORE_PLACES))("on %s", (_, open) => {
  it.each(ROWS.flatMap((scenario) => MISHAPS.map((mishap) => ({ scenario, mishap, name: scenario.name }))))(
    "$name comes to its right end when a worker $mishap an effect",
    async ({ scenario, mishap }) => {
      const { effects } = await onFresh(open, (placed) => effectsOf(placed(scenario)));
      const wrong: string[] = [];
      for (const [index, effect] of effects.entries()) {
        const played = await onFresh(open, (placed) => playWith(placed(scenario), mishap, index));
        wrong.push(...played.wrong.map((what) => `${mishap} ${index}, ${effect}: ${what}`));
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );
});

type Open = (typeof STORE_PLACES)[string];

/** Plays on a place of its own. */
async function onFresh<Result>(
  open: Open,
  play: (placed: (scenario: Scenario) => Scenario) => Promise<Result>,
): Promise<Result> {
  await using place = await open(BESIDE);
  return await play((scenario) => ({
    ...scenario,
    options: { store: (slots) => new MirroredStore(place.store(), slots) },
  }));
}
