/** How long an old secret lives once its successor was used. */
import { describe, expect, it } from "vitest";
import { HOUR, openWorld, SECOND, START, type World } from "./in-memory.ts";

function use(world: World, secret: string): boolean {
  return world.call("GET", "/", { secret }).status === 200;
}

describe("grace", () => {
  it.each([1, 300, 86_400])("of %i s ends to the millisecond", (graceSeconds) => {
    const world = openWorld();
    const { id, current } = world.createKey();
    use(world, world.rotate(id, current, graceSeconds));
    world.clock.advance(graceSeconds * SECOND - 1);
    expect(use(world, current)).toBe(true);
    world.clock.advance(1);
    expect(use(world, current)).toBe(false);
    expect(world.key(id).old).toEqual([]);
  });

  it("of 0 s ends with the activation", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current, 0);
    expect(use(world, current)).toBe(true);
    expect(use(world, secret)).toBe(true);
    expect(use(world, current)).toBe(false);
  });

  it("ends without an event", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    use(world, world.rotate(id, current, 1));
    const before = world.happened();
    world.clock.advance(2 * SECOND);
    expect(world.happened()).toEqual(before);
  });

  it("does not keep an old secret alive past the key's expiry", () => {
    const world = openWorld();
    const { id, current } = world.createKey({ expiresAt: START + HOUR });
    use(world, world.rotate(id, current, 86_400));
    world.clock.advance(HOUR);
    expect(use(world, current)).toBe(false);
  });

  it("lets the old secret rotate the key, as a thief's might", () => {
    const world = openWorld();
    const { id, current: first } = world.createKey();
    const second = world.rotate(id, first, 3600);
    use(world, second);
    const stolen = world.rotate(id, first, 0);
    use(world, stolen);
    expect(world.key(id)).toMatchObject({ current: stolen, old: [{ secret: first }] });
    expect(use(world, second)).toBe(false);
  });
});
