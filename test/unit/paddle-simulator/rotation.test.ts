/** A rotation, from its POST to the death of the old secret. */
import { describe, expect, it } from "vitest";
import { authenticate, isAlive } from "../../support/paddle-simulator/account/authenticate.ts";
import { activatedRotations } from "../../support/paddle-simulator/account/inspect.ts";
import { KEY_FORMAT } from "../../support/paddle-simulator/account/mint.ts";
import { DAY, HOUR, openWorld, SECOND, START, type World } from "./in-memory.ts";

function use(world: World, secret: string): boolean {
  return world.call("GET", "/", { secret }).status === 200;
}

describe("a pending rotation", () => {
  it("leaves the old secret alive, however long it takes", () => {
    const world = openWorld();
    const { id, current } = world.createKey({ expiresAt: null });
    const secret = world.rotate(id, current, 0);
    world.clock.advance(365 * DAY);
    expect(use(world, current)).toBe(true);
    expect(world.key(id)).toMatchObject({ current, old: [], pending: { secret, graceSeconds: 0 } });
    expect(activatedRotations(world.account, id)).toBe(0);
  });

  it("has a new secret of the same key, in Paddle's format", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current);
    expect(secret).toMatch(KEY_FORMAT);
    expect(secret).toContain(`_${id}_`);
    expect(secret).not.toBe(current);
  });

  it("is not activated by a look at its secret, nor by requests of the old one", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current);
    const rotationId = world.key(id).pending?.rotationId;
    expect(isAlive(world.account, secret)).toBe(true);
    world.call("GET", `/api-keys/${id}/rotations/${rotationId}`, { secret: current });
    world.call("GET", `/api-keys/${id}/rotations`, { secret: current });
    expect(world.key(id).pending).not.toBeNull();
  });
});

describe("the first use of the new secret", () => {
  it.each([
    ["the API root", "GET", "/"],
    ["the key itself", "GET", "/api-keys/{id}"],
    ["the event types", "GET", "/event-types"],
    ["a list it has no permission for", "GET", "/api-keys"],
    ["a key that is not there", "GET", "/api-keys/apikey_none"],
    ["an invalid rotation", "POST", "/api-keys/{id}/rotations"],
  ])("completes the rotation in the same request: %s", (_, method, path) => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current, 3600);
    world.clock.advance(9 * SECOND);
    world.call(method, path.replace("{id}", id), { secret });
    expect(world.key(id)).toMatchObject({
      current: secret,
      pending: null,
      old: [{ secret: current, diesAt: START + 9 * SECOND + HOUR }],
      rotations: [{ status: "completed", expiresAt: START + 9 * SECOND + HOUR }],
    });
    expect(activatedRotations(world.account, id)).toBe(1);
    expect(world.happened().slice(1)).toEqual([
      "api_key_rotation.created pending",
      "api_key_rotation.updated completed",
    ]);
  });

  it("counts once, however often the secret is used", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current, 10);
    use(world, secret);
    world.clock.advance(5 * SECOND);
    use(world, secret);
    expect(world.key(id).old).toEqual([{ secret: current, diesAt: START + 10 * SECOND }]);
    expect(activatedRotations(world.account, id)).toBe(1);
  });

  it("may be a POST, which starts the next rotation", () => {
    const world = openWorld();
    const { id, current: first } = world.createKey();
    const second = world.rotate(id, first);
    const third = world.rotate(id, second);
    expect(world.key(id)).toMatchObject({
      current: second,
      old: [{ secret: first }],
      pending: { secret: third },
    });
  });

  it("is no use if the source is over its limit", () => {
    const world = openWorld({ requestsPerMinute: 1 });
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current);
    expect(world.call("GET", "/", { secret }).status).toBe(429);
    expect(world.key(id).pending).not.toBeNull();
  });
});

describe("a second POST", () => {
  it("cancels the pending rotation, whose secret then is useless", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const lost = world.rotate(id, current);
    world.clock.advance(9 * SECOND);
    const secret = world.rotate(id, current);
    const canceled = world.account.events.find(({ type }) => type === "api_key_rotation.updated");
    expect(canceled?.data).toMatchObject({ status: "canceled", updated_at: "2026-11-21T01:00:09Z" });
    expect(use(world, lost)).toBe(false);
    expect(use(world, secret)).toBe(true);
    expect(world.key(id).rotations.map(({ status }) => status)).toEqual(["canceled", "completed"]);
    expect(world.happened().slice(1)).toEqual([
      "api_key_rotation.created pending",
      "api_key_rotation.updated canceled",
      "api_key_rotation.created pending",
      "api_key_rotation.updated completed",
    ]);
  });

  it("leaves completed rotations alone", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const second = world.rotate(id, current);
    use(world, second);
    world.rotate(id, second);
    expect(world.key(id).rotations.map(({ status }) => status)).toEqual(["completed", "pending"]);
  });
});

describe("the key's expiry", () => {
  it("stays as it is without new_key_expires_at", () => {
    const world = openWorld();
    const { id, current, expiresAt } = world.createKey();
    use(world, world.rotate(id, current));
    expect(world.key(id).expiresAt).toBe(expiresAt);
    expect(world.happened()).not.toContain("api_key.updated");
  });

  it("becomes the new one when the rotation is completed, not before, and is announced in time", () => {
    const world = openWorld();
    const { id, current } = world.createKey({ expiresAt: START + 5 * DAY });
    const secret = world.rotate(id, current, 0, { new_key_expires_at: "2027-02-19T00:00:00Z" });
    expect(world.key(id).expiresAt).toBe(START + 5 * DAY);
    use(world, secret);
    expect(world.key(id).expiresAt).toBe(Date.UTC(2027, 1, 19));
    expect(world.happened().slice(-2)).toEqual(["api_key_rotation.updated completed", "api_key.updated"]);
    expect(world.account.events.at(-1)?.data).toMatchObject({ expires_at: "2027-02-19T00:00:00Z" });
    world.clock.advance(Date.UTC(2027, 1, 12) - START);
    expect(world.happened().at(-1)).toBe("api_key.expiring");
  });
});

describe("events of rotations", () => {
  it("never carry a secret", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    const secret = world.rotate(id, current);
    use(world, secret);
    const told = JSON.stringify(world.account.events);
    expect(told).not.toContain(secret);
    expect(told).not.toContain(current);
  });

  it("have the documented fields", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    world.rotate(id, current);
    expect(world.account.events.at(-1)?.data).toEqual({
      id: expect.stringMatching(/^apkrot_[a-z\d]{26}$/),
      api_key_id: id,
      grace_period_seconds: 3600,
      status: "pending",
      expires_at: null,
      created_at: "2026-11-21T01:00:00Z",
      updated_at: "2026-11-21T01:00:00Z",
    });
  });
});

describe("authenticate", () => {
  it("does not know a secret of another account", () => {
    const world = openWorld({}, "sandbox");
    const { current } = openWorld({}, "live").createKey();
    expect(authenticate(world.account, current)).toBeNull();
  });
});
