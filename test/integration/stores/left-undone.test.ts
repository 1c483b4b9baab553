/** A permission that is needed only to clear up after a write holds no emergency up. */
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { endOf, wrongIn } from "../../support/engine/ends.ts";
import { MirroredStore } from "../../support/engine/mirrored-store.ts";
import { SCENARIOS } from "../../support/engine/scenarios.ts";
import { World } from "../../support/engine/world.ts";
import { STORE_PLACES } from "../../support/stores/places.ts";

const EXPOSURE = SCENARIOS.find(({ name }) => name === "revoke first");

describe.each(["Google Secret Manager", "an Azure key vault"])("on %s", (kind) => {
  const open = () => STORE_PLACES[kind]?.({}) ?? expect.fail(`there is no place called ${kind}`);

  it("an exposed secret is killed and replaced at once, whatever is lacking for later", async () => {
    if (!EXPOSURE) return expect.fail("there is no such scenario");
    await using place = await open();
    const world = new World({ store: (slots) => new MirroredStore(place.store(), slots) });
    await world.store.read();
    const lacking = Object.entries(place.wire?.denyAfterwards ?? {});
    expect(lacking).not.toEqual([]);
    for (const [, deny] of lacking) deny();

    const named: string[] = [];
    world.worker = async (work, gate) => {
      try {
        return await world.run(work, gate);
      } catch (error) {
        if (error instanceof StoreError) named.push(error.message);
        throw error;
      }
    };
    const startedAt = world.clock.now();
    await EXPOSURE.play(world);

    expect(world.broken).toEqual([]);
    expect(wrongIn(endOf(world), EXPOSURE.end)).toEqual([]);
    expect(world.isAlive(new Secret(world.firstSecret))).toBe(false);
    // One more try after each write, and each says what it lacks.
    expect(named).not.toEqual([]);
    expect(named.length).toBeLessThanOrEqual(2);
    for (const message of named) expect(message).toContain("the secrets are written, but not all is done");
    expect(world.clock.now() - startedAt).toBeLessThan(10_000);
  });
});
