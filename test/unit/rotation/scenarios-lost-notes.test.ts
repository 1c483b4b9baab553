/**
 * The store's note of where a secret came from is lost: somebody renames the variable, moves the store, or writes the
 * file anew from a template. The secret is the same, and what was done for it is not done again.
 */
import { describe, expect, it } from "vitest";
import { World } from "../../support/engine/world.ts";

const withoutNote = ({ store }: World) => store.restore({ ...store.backup(), notes: null });

const losses: [string, (world: World) => void][] = [
  ["its note", withoutNote],
  [
    "all but the active secret",
    (world) => {
      withoutNote(world);
      world.store.edit("old", null);
    },
  ],
];

describe.each(losses)("a store that lost %s", (_what, lose) => {
  it("in a grace does not have the same work rotate the key again", async () => {
    const world = new World();
    const asked = world.intent("manual", "manual-1");
    expect(await world.run(asked)).toMatchObject({ kind: "wait" });
    lose(world);
    expect(await world.runToEnd(asked)).toMatchObject({ kind: "done", result: "rotated" });
    expect(world.activations).toBe(1);
    expect(world.broken).toEqual([]);
  });

  it("after an exposure has been dealt with does not have a healthy secret killed", async () => {
    const world = new World();
    const [exposed] = await world.exposed({ action: "none" });
    await world.runToEnd(exposed);
    const { activations } = world;
    lose(world);
    await world.runToEnd(exposed);
    expect(world.activations).toBe(activations);
    expect(world.broken).toEqual([]);
  });

  it("after an exposure has been dealt with can have its key rotated as ever", async () => {
    const world = new World();
    const [exposed] = await world.exposed({ action: "none" });
    await world.runToEnd(exposed);
    lose(world);
    await world.clock.advance(3_600_000);
    const { activations } = world;
    expect(await world.runToEnd(world.intent("manual", "manual-1"))).toMatchObject({ result: "rotated" });
    expect(world.activations).toBe(activations + 1);
  });

  it("has the notes again with the next change of it", async () => {
    const world = new World();
    const asked = world.intent("manual", "manual-1");
    await world.run(asked);
    const { active } = world.store.slots;
    withoutNote(world);
    await world.runToEnd(asked);
    expect(world.store.slots.active).toMatchObject({ rotationId: active?.rotationId, intentId: "manual-1" });
  });
});
