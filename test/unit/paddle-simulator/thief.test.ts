/** What somebody can do with a stolen secret. */
import { describe, expect, it } from "vitest";
import { isAlive } from "../../support/paddle-simulator/account/authenticate.ts";
import { revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { rotateAsThief } from "../../support/paddle-simulator/account/thief.ts";
import { openWorld } from "./in-memory.ts";

describe("a thief", () => {
  it("can start a rotation, which the owner learns of while the stolen secret still works", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const stolen = rotateAsThief(world.account, current);
    expect(world.key(id).pending).toMatchObject({ rotationId: stolen.rotationId, secret: stolen.secret });
    expect(isAlive(world.account, current)).toBe(true);
    expect(world.happened()).toEqual(["api_key.created", "api_key_rotation.created pending"]);
  });

  it("can complete it, and so lock the owner out", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const { secret } = rotateAsThief(world.account, current, { activate: true });
    expect(world.key(id).current).toBe(secret);
    expect(isAlive(world.account, current)).toBe(false);
  });

  it("can leave the owner a grace", () => {
    const world = openWorld();
    const { current } = world.createKey();
    rotateAsThief(world.account, current, { activate: true, graceSeconds: 60 });
    world.clock.advance(59_999);
    expect(isAlive(world.account, current)).toBe(true);
    world.clock.advance(1);
    expect(isAlive(world.account, current)).toBe(false);
  });

  it("cancels the owner's pending rotation", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const owners = world.rotate(id, current);
    rotateAsThief(world.account, current);
    expect(isAlive(world.account, owners)).toBe(false);
  });

  it("can do nothing with a dead secret, or with a key that is not rotatable", () => {
    const world = openWorld();
    const dead = world.createKey();
    revoke(world.account, dead.id, { by: "user" });
    expect(() => rotateAsThief(world.account, dead.current)).toThrow("dead");
    const fixed = world.createKey({ rotatable: false });
    expect(() => rotateAsThief(world.account, fixed.current)).toThrow("not rotatable");
  });
});
