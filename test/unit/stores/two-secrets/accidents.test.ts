/** Whatever becomes of a writer, the two secrets say either what was before its write or what was to be after it. */
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../../src/core/errors.ts";
import {
  EMPTY_SLOTS,
  promote,
  promoteStandby,
  putBackOld,
  retire,
  type Slots,
  stage,
  swapBack,
  swapForward,
} from "../../../../src/core/slots.ts";
import { issuedByUs, pending, plain } from "../../../contract/secret-store-samples.ts";
import type { Effects } from "../../../support/stores/memory-versions.ts";
import { TwoSecretsPlace } from "../../../support/stores/two-secrets-place.ts";

const first: Slots = { ...EMPTY_SLOTS, active: issuedByUs("first"), standby: issuedByUs("standby") };
const staged = stage(first, { ...pending("second"), intentId: "evt_second" });
const promoted = promote(staged, { slot: "active", until: 5 });
const stagedAgain = stage(promoted, pending("third"));
const rolledBack = swapBack(promoted);

const TRANSITIONS: readonly { readonly name: string; readonly before: Slots; readonly after: Slots }[] = [
  { name: "the first write", before: EMPTY_SLOTS, after: first },
  { name: "staging", before: first, after: staged },
  { name: "staging again", before: staged, after: stage(staged, pending("third")) },
  { name: "promotion", before: staged, after: promoted },
  { name: "promotion of a revoke-first", before: staged, after: promote(staged, null) },
  {
    name: "promotion beside a living old",
    before: stagedAgain,
    after: promote(stagedAgain, { slot: "old", until: 5 }),
  },
  { name: "retirement", before: promoted, after: retire(promoted) },
  { name: "putting back old", before: promoted, after: putBackOld(promoted) },
  { name: "rollback", before: promoted, after: rolledBack },
  { name: "the end of a rollback", before: rolledBack, after: swapForward(rolledBack) },
  { name: "replacement", before: first, after: promoteStandby(first, issuedByUs("standby"), 5) },
  {
    name: "replacement of a dead key",
    before: staged,
    after: promoteStandby(staged, issuedByUs("standby"), null),
  },
  { name: "a new standby", before: promoted, after: { ...promoted, standby: issuedByUs("another") } },
];

const ENOUGH_MS = 60_000;
const PLATFORMS = [
  { platform: "counts versions", counts: true },
  { platform: "does not count versions", counts: false },
];

describe.each(PLATFORMS)("where the platform $platform", ({ counts }) => {
  it.each(TRANSITIONS)(
    "survives the death of its writer around every effect of $name",
    async (transition) => {
      const effects = await effectsOf(transition, counts);
      expect(effects.length).toBeGreaterThan(0);
      for (const [index] of effects.entries())
        for (const died of ["before", "after"] as const) {
          const place = await placeOf(transition.before, counts);
          const dying = place.store(dieAround(index, died));
          const { version } = await dying.read();
          await expect(dying.write(transition.after, version)).rejects.toThrow(Died);

          const found = await place.store().read();
          const states = [transition.before, transition.after].map(plain);
          expect(states, `${died} ${effects[index]}`).toContainEqual(plain(found.slots));
          expect(place.served ?? "\n").toBe(found.slots.active?.secret.reveal() ?? "\n");

          await place.clock.advance(ENOUGH_MS);
          const next = place.store();
          expect(await next.write(transition.after, (await next.read()).version)).toBe("written");
          expect(plain((await place.store().read()).slots)).toEqual(plain(transition.after));
        }
    },
  );

  it.each(TRANSITIONS)(
    "never loses its way where the answer to an effect of $name is lost",
    async (transition) => {
      for (const [index] of (await effectsOf(transition, counts)).entries()) {
        const place = await placeOf(transition.before, counts);
        const store = place.store(loseAnswer(index));
        const { version } = await store.read();
        const outcome = await store.write(transition.after, version).catch((error: unknown) => error);
        if (outcome !== "written") expect(outcome).toMatchObject({ effect: "unknown", retry: "later" });
        expect(plain((await place.store().read()).slots)).toEqual(plain(transition.after));
      }
    },
  );

  it.each(TRANSITIONS)(
    "serves nothing but what was or is to be active during $name",
    async ({ before, after }) => {
      const place = await placeOf(before, counts);
      const served = new Set<string | undefined>();
      const store = place.store(async (_, run) => {
        served.add(place.served);
        run();
        served.add(place.served);
      });
      await store.write(after, (await store.read()).version);
      const allowed = [before, after].map(({ active }) => active?.secret.reveal());
      expect(allowed).toEqual(expect.arrayContaining([...served]));
    },
  );
});

async function placeOf(slots: Slots, counts: boolean): Promise<TwoSecretsPlace> {
  const place = new TwoSecretsPlace(counts);
  // A past, so that there is something to disable.
  await place.put({ ...EMPTY_SLOTS, active: slots.active && issuedByUs("past"), pending: pending("never") });
  await place.put(slots);
  return place;
}

async function effectsOf(
  { before, after }: { before: Slots; after: Slots },
  counts: boolean,
): Promise<string[]> {
  const place = await placeOf(before, counts);
  const effects: string[] = [];
  const store = place.store(async (effect, run) => {
    effects.push(effect);
    run();
  });
  await store.write(after, (await store.read()).version);
  return effects;
}

class Died extends Error {}

function dieAround(index: number, died: "before" | "after"): Effects {
  let count = 0;
  return async (_, run) => {
    const here = count === index;
    if (count <= index && !(here && died === "before")) run();
    count += 1;
    if (count > index) throw new Died();
  };
}

function loseAnswer(index: number): Effects {
  let count = 0;
  return async (_, run) => {
    run();
    count += 1;
    if (count === index + 1) throw new StoreError("no answer", { effect: "unknown", retry: "later" });
  };
}
