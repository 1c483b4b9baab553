/** Nothing that strangers, neighbours or tired hands send ends in a crash, a 500, an accepted forgery or a told secret. */
import { describe, expect, it } from "vitest";
import { keepSeed, keptSeeds } from "./kept-seeds.ts";
import { FuzzFailure, run, runRound } from "./run.ts";
import { TARGETS } from "./targets.ts";

/** FUZZ_SEED=random throws other dice; a number repeats a run. `npm run fuzz` feeds a million. */
const COUNT = Number(process.env["FUZZ_COUNT"] ?? 10_000);
const given = process.env["FUZZ_SEED"] ?? "2026";
const SEED = given === "random" ? Date.now() % 2 ** 31 : Number(given);

describe.each(TARGETS)("$name", (target) => {
  it.each(keptSeeds(target.name))("takes what it has stumbled over once: round %i", async (round) => {
    await runRound(target, round);
  });

  it(`takes ${COUNT} inputs (seed ${SEED})`, { timeout: 60_000 }, async () => {
    try {
      const { outcomes } = await run(target, { count: COUNT, seed: SEED });
      expect([...outcomes.keys()]).toEqual(expect.arrayContaining([...target.mustOccur]));
    } catch (error) {
      if (error instanceof FuzzFailure) keepSeed(target.name, error.round);
      throw error;
    }
  });
});
