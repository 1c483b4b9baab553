/** How a key's life ends by itself, and how that is announced. */
import { describe, expect, it } from "vitest";
import { isAlive } from "../../support/paddle-simulator/account/authenticate.ts";
import { revoke, warnExpiring } from "../../support/paddle-simulator/account/dashboard.ts";
import { DAY, openWorld, START } from "./in-memory.ts";

describe("expiry", () => {
  it("leaves the key alive a millisecond before, and ends all its secrets at that moment", () => {
    const world = openWorld();
    const { id, current } = world.createKey({ expiresAt: START + DAY });
    const pending = world.rotate(id, current);
    world.clock.advance(DAY - 1);
    expect([current, pending].map((secret) => isAlive(world.account, secret))).toEqual([true, true]);
    world.clock.advance(1);
    expect([current, pending].map((secret) => isAlive(world.account, secret))).toEqual([false, false]);
    expect(world.key(id).status).toBe("expired");
  });

  it("is announced once, seven days before, at the moment that it fell due", () => {
    const world = openWorld();
    world.createKey({ expiresAt: START + 30 * DAY });
    world.clock.advance(23 * DAY - 1);
    expect(world.happened()).toEqual(["api_key.created"]);
    world.clock.advance(40 * DAY);
    expect(world.happened()).toEqual(["api_key.created", "api_key.expiring", "api_key.expired"]);
    expect(world.account.events.map(({ occurredAt }) => occurredAt)).toEqual([
      START,
      START + 23 * DAY,
      START + 30 * DAY,
    ]);
    expect(world.account.events.map(({ data }) => "status" in data && data.status)).toEqual([
      "active",
      "active",
      "expired",
    ]);
  });

  it("can be announced on demand, and then is not announced again", () => {
    const world = openWorld();
    const { id } = world.createKey({ expiresAt: START + 30 * DAY });
    warnExpiring(world.account, id);
    world.clock.advance(24 * DAY);
    expect(world.happened()).toEqual(["api_key.created", "api_key.expiring"]);
  });

  it("is not announced for a key without one, nor for a dead key", () => {
    const world = openWorld();
    const { id: immortal } = world.createKey({ expiresAt: null });
    const { id: dead } = world.createKey({ expiresAt: START + 8 * DAY });
    revoke(world.account, dead, { by: "user" });
    world.clock.advance(9 * DAY);
    expect(world.happened()).not.toContain("api_key.expiring");
    expect(world.key(dead).status).toBe("revoked");
    expect(() => warnExpiring(world.account, immortal)).toThrow(immortal);
    expect(() => warnExpiring(world.account, dead)).toThrow(dead);
  });

  it("of several keys happens in the order in which it falls due", () => {
    const world = openWorld();
    const later = world.createKey({ expiresAt: START + 3 * DAY }).id;
    const sooner = world.createKey({ expiresAt: START + 2 * DAY }).id;
    world.clock.advance(5 * DAY);
    world.happened();
    const expired = world.account.events.filter(({ type }) => type === "api_key.expired");
    expect(expired.map(({ data }) => data.id)).toEqual([sooner, later]);
  });
});
