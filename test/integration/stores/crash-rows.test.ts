/**
 * Rows of the crash matrix on every secret store: a graceful rotation and a revoke-first, with every mishap, two
 * workers included. The stores are the real ones, driven by the vendors' clients where there are any, and two of them
 * share each place.
 *
 * Of the effects, those on the store are struck, and lost answers of Paddle. Between two writes a worker reads, asks
 * Paddle, and writes to the queue and the records, so to the store it is all one where in there it dies; the matrix in
 * memory strikes every effect. What a sleeping worker can do to a store is to write late, so it sleeps before a write,
 * and before a secret is issued.
 */
import { describe, expect, it } from "vitest";
import type { SecretStore } from "../../../src/core/ports.ts";
import { BESIDE } from "../../contract/secret-store-samples.ts";
import type { StorePlace } from "../../contract/secret-store.contract.ts";
import { MirroredStore } from "../../support/engine/mirrored-store.ts";
import { effectsOf, type Mishap, playWith, type Scenario } from "../../support/engine/play.ts";
import { SCENARIOS } from "../../support/engine/scenarios.ts";
import { STORE_PLACES } from "../../support/stores/places.ts";

const ROWS = SCENARIOS.filter(({ name }) => ["graceful", "revoke first"].includes(name));

const isWrite = (effect: string) => effect === "store.write";
const isOfPaddle = (effect: string) => effect.startsWith("paddle.");
const isBeforeWriting = (effect: string) => isWrite(effect) || effect === "paddle.createRotation";

/** Which effects are struck, and what is said of it. */
const STRUCK = {
  "dies before": [isWrite, "dies before a write"],
  "dies after": [isWrite, "dies after a write"],
  "loses the answer of": [isOfPaddle, "gets no answer from Paddle"],
  "wakes up soon": [isBeforeWriting, "sleeps until another one had its run"],
  "wakes up late": [isBeforeWriting, "sleeps until another one is through"],
} satisfies Record<Mishap, [(effect: string) => boolean, string]>;

const CASES = ROWS.flatMap((scenario) =>
  Object.entries(STRUCK).map(([mishap, [isStruck, says]]) => ({
    row: scenario.name,
    scenario,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names of STRUCK
    mishap: mishap as Mishap,
    isStruck,
    says,
  })),
);

describe.each(Object.entries(STORE_PLACES))("on %s", (_, open) => {
  it.each(CASES)("$row comes to its right end when a worker $says", async (given) => {
    const { scenario, mishap, isStruck } = given;
    const wrong: string[] = [];
    for (const [index, effect] of (await effectsOf(scenario)).effects.entries()) {
      if (!isStruck(effect)) continue;
      await using place = await open(BESIDE);
      const played = await playWith(on(twoProcesses(place), scenario), mishap, index);
      wrong.push(...played.wrong.map((what) => `${mishap} ${index}, ${effect}: ${what}`));
    }
    expect(wrong).toEqual([]);
  });

  it.each(ROWS)("$name does the same as in memory", async (scenario) => {
    await using place = await open(BESIDE);
    const { effects } = await effectsOf(on(twoProcesses(place), scenario));
    expect(effects).toEqual((await effectsOf(scenario)).effects);
  });
});

const ON_A_NETWORK = Object.entries(STORE_PLACES).filter(([name]) => name !== "an env file");

describe.each(ON_A_NETWORK)("on %s", (_, open) => {
  it.each(ROWS)("$name comes to its right end when the answer to a write is lost", async (scenario) => {
    const writes = (await effectsOf(scenario)).effects.filter(isWrite).length;
    for (let nth = 1; nth <= writes; nth += 1) {
      await using place = await open(BESIDE);
      await effectsOf(on(losingAnswer(place, nth), scenario));
    }
  });
});

/** The stores of two processes on one place: what one of them read, the other one writes on. */
function twoProcesses(place: StorePlace): SecretStore {
  const [one, other] = [place.store(), place.store()];
  let calls = 0;
  const next = () => ((calls += 1) % 2 === 0 ? one : other);
  return {
    location: one.location,
    guide: one.guide,
    read: () => next().read(),
    checkWritable: () => next().checkWritable(),
    write: (...given) => next().write(...given),
  };
}

function on(store: SecretStore, scenario: Scenario): Scenario {
  return { ...scenario, options: { store: (slots) => new MirroredStore(store, slots) } };
}

/** @param nth of the writes, after the first one, with which a person puts the key there */
function losingAnswer(place: StorePlace, nth: number): SecretStore {
  const store = twoProcesses(place);
  let writes = -1;
  return {
    location: store.location,
    guide: store.guide,
    read: () => store.read(),
    checkWritable: () => store.checkWritable(),
    write(...given) {
      writes += 1;
      if (writes === nth) (place.wire ?? expect.fail("there is no wire")).loseNextAnswer();
      return store.write(...given);
    },
  };
}
