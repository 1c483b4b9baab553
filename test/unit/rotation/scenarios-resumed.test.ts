/** The queue lost its jobs, as after a restore: what is in flight is found in the store and comes to its end. */
import { describe, expect, it } from "vitest";
import { keyIdOf } from "../../../src/core/slots.ts";
import { Died, justBefore } from "../../support/engine/gates.ts";
import { effectsOf, optionsOf } from "../../support/engine/play.ts";
import { ROTATIONS } from "../../support/engine/scenarios-of-rotations.ts";
import { World } from "../../support/engine/world.ts";

const ROTATING = ["graceful", "revoke first", "rollback and its swap forward", "counter-rotation"];

describe.each(ROTATIONS.filter(({ name }) => ROTATING.includes(name)))("$name", (scenario) => {
  it("is finished by the work that is resumed, whichever effect was the last", async () => {
    const { effects } = await effectsOf(scenario);
    for (const [index, effect] of effects.entries()) {
      const world = new World(optionsOf(scenario));
      await scenario.before?.(world);
      world.gate = justBefore(
        null,
        () => {
          world.jobs.forget();
          return Promise.reject(new Died(effect));
        },
        index + 1,
      );
      await scenario.play(world).catch(() => {});
      await world.resumes();
      const where = `${index}, ${effect}`;
      expect(world.broken, where).toEqual([]);
      const { active, old, pending } = world.store.slots;
      expect({ old, pending }, where).toEqual({ old: null, pending: null });
      expect(active && keyIdOf(active), where).toBe(world.keyId);
      expect(world.isAlive(active?.secret), where).toBe(true);
      expect(world.activations, where).toBeLessThanOrEqual(1);
    }
  });
});
