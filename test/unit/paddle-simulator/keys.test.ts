/** A key's life, from its creation in the dashboard to its end. */
import { describe, expect, it } from "vitest";
import { authenticate, isAlive } from "../../support/paddle-simulator/account/authenticate.ts";
import { editKey, expireNow, reactivate, revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { expose } from "../../support/paddle-simulator/account/expose.ts";
import { KEY_FORMAT } from "../../support/paddle-simulator/account/mint.ts";
import { DAY, HOUR, openWorld, START } from "./in-memory.ts";

describe("a new key", () => {
  it.each([
    ["sandbox", "sdbx"],
    ["live", "live"],
  ] as const)("of %s has a secret in Paddle's format that carries the key's id", (environment, place) => {
    const { id, current } = openWorld({}, environment).createKey();
    expect(id).toMatch(/^apikey_[a-z\d]{26}$/);
    expect(current).toMatch(KEY_FORMAT);
    expect(current).toContain(`pdl_${place}_${id}_`);
    expect(current).toHaveLength(69);
  });

  it("has an id that sorts after those made before, even when the clock was set back", () => {
    const world = openWorld();
    const ids = [0, 0, DAY, -2 * DAY, HOUR].map((ms) => {
      world.clock.advance(ms);
      return world.createKey().id;
    });
    expect(ids.toSorted()).toEqual(ids);
  });

  it("expires in 90 days unless it is told otherwise", () => {
    const world = openWorld();
    expect(world.createKey().expiresAt).toBe(START + 90 * DAY);
    expect(world.createKey({ expiresAt: null }).expiresAt).toBeNull();
  });

  it("of the time before 6 May 2025 says nothing in its secret, has no permissions and is not rotatable", () => {
    const world = openWorld();
    const key = world.createKey({ legacy: true });
    expect(key).toMatchObject({ permissions: null, rotatable: false });
    expect(key.current).toMatch(/^[a-z\d]{50}$/);
    expect(world.call("GET", `/api-keys/${key.id}`, { secret: key.current }).one["key"]).toMatch(
      /^[a-z\d_:]*\*\*\*\*$/,
    );
    expect(() => world.createKey({ legacy: true, rotatable: true })).toThrow("legacy");
  });
});

describe("revocation", () => {
  it("ends every secret of the key: current, in grace and pending", () => {
    const world = openWorld();
    const { id, current: first } = world.createKey();
    const second = world.rotate(id, first);
    authenticate(world.account, second);
    const third = world.rotate(id, second);
    revoke(world.account, id, { by: "user" });
    expect([first, second, third].map((secret) => isAlive(world.account, secret))).toEqual([
      false,
      false,
      false,
    ]);
    expect(world.happened().at(-1)).toBe("api_key.revoked");
  });

  it("of a dead key is a mistake of the test", () => {
    const world = openWorld();
    const { id } = world.createKey();
    revoke(world.account, id, { by: "user" });
    expect(() => revoke(world.account, id, { by: "user" })).toThrow("is revoked");
  });

  it("by a user can be undone for 60 minutes", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    revoke(world.account, id, { by: "user" });
    world.clock.advance(HOUR);
    reactivate(world.account, id);
    expect(isAlive(world.account, current)).toBe(true);
    expect(world.happened()).toEqual(["api_key.created", "api_key.revoked", "api_key.updated"]);

    revoke(world.account, id, { by: "user" });
    world.clock.advance(HOUR + 1);
    expect(() => reactivate(world.account, id)).toThrow("60 minutes");
  });

  it.each([
    ["by Paddle", {}, { by: "paddle" }, "Paddle revoked it"],
    ["of a legacy key", { legacy: true }, { by: "user" }, "legacy"],
    ["of a key that expired meanwhile", { expiresAt: START + HOUR }, { by: "user" }, "expiry"],
  ] as const)("%s cannot be undone", (_, options, by, reason) => {
    const world = openWorld();
    const { id } = world.createKey(options);
    revoke(world.account, id, by);
    world.clock.advance(HOUR);
    expect(() => reactivate(world.account, id)).toThrow(reason);
  });

  it("that never was cannot be undone", () => {
    const world = openWorld();
    expect(() => reactivate(world.account, world.createKey().id)).toThrow("is active");
    expect(() => reactivate(world.account, "apikey_none")).toThrow("no key apikey_none");
  });
});

describe("editing", () => {
  it("changes name and permissions, and is announced with them", () => {
    const world = openWorld();
    const { id, current } = world.createKey({ name: "Billing", permissions: ["api_key.read"] });
    world.clock.advance(HOUR);
    editKey(world.account, id, { name: "Reports", permissions: [] });
    expect(world.account.events.at(-1)).toMatchObject({
      type: "api_key.updated",
      data: { id, name: "Reports", permissions: [], description: null, updated_at: "2026-11-21T02:00:00Z" },
    });
    expect(world.call("GET", "/api-keys", { secret: current }).status).toBe(403);
  });

  it("is possible neither for a dead key nor for the permissions of a legacy one", () => {
    const world = openWorld();
    const { id } = world.createKey();
    revoke(world.account, id, { by: "user" });
    expect(() => editKey(world.account, id, { name: "x" })).toThrow("is revoked");
    const legacy = world.createKey({ legacy: true });
    expect(() => editKey(world.account, legacy.id, { permissions: [] })).toThrow("legacy");
  });
});

describe("expiry without waiting for the day", () => {
  it("ends the key for good, as on its day", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    expireNow(world.account, id);
    expect(isAlive(world.account, current)).toBe(false);
    expect(world.happened()).toEqual(["api_key.created", "api_key.expired"]);
    expect(world.account.events.at(-1)?.data).toMatchObject({
      status: "expired",
      expires_at: "2026-11-21T01:00:00Z",
    });
    expect(() => expireNow(world.account, id)).toThrow("is expired");
    expect(() => reactivate(world.account, id)).toThrow("is expired");
  });
});

describe("exposure", () => {
  it("of an active key is of high risk, and Paddle revokes the key right after", () => {
    const world = openWorld();
    const { id } = world.createKey();
    world.clock.advance(HOUR);
    expose(world.account, id);
    expect(world.happened()).toEqual(["api_key.created", "api_key_exposure.created", "api_key.revoked"]);
    const [, exposure, revoked] = world.account.events;
    expect(exposure?.data).toEqual({
      id: expect.stringMatching(/^apkexp_[a-z\d]{26}$/),
      api_key_id: id,
      risk_level: "high",
      action_taken: "revoked",
      source: "github",
      reference: "https://github.com/acme/app/blob/0a1b2c3/.env",
      description: "Exposed in Commit 0a1b2c3",
      created_at: "2026-11-21T02:00:00Z",
    });
    expect(revoked?.data).toMatchObject({ exposed_at: "2026-11-21T02:00:00Z", status: "revoked" });
    expect(() => reactivate(world.account, id)).toThrow("Paddle revoked it");
  });

  it("of a dead key is of low risk and changes nothing", () => {
    const world = openWorld();
    const { id } = world.createKey();
    revoke(world.account, id, { by: "user" });
    expose(world.account, id);
    expect(world.happened().slice(2)).toEqual(["api_key_exposure.created"]);
    expect(world.account.events.at(-1)?.data).toMatchObject({ risk_level: "low", action_taken: "none" });
    expose(world.account, id, { revoke: true });
    expect(world.happened().slice(2)).toEqual(["api_key_exposure.created", "api_key_exposure.created"]);
  });

  it("may leave the key alive, for whoever wants to revoke it first", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    expose(world.account, id, { riskLevel: "high", revoke: false, reference: "gist", description: null });
    expect(isAlive(world.account, current)).toBe(true);
    expect(world.account.events.at(-1)?.data).toMatchObject({
      action_taken: "none",
      reference: "gist",
      description: null,
    });
  });

  it("is remembered by the first time", () => {
    const world = openWorld();
    const { id } = world.createKey();
    expose(world.account, id, { revoke: false });
    world.clock.advance(HOUR);
    expose(world.account, id, { revoke: false });
    expect(world.key(id).exposedAt).toBe(START);
  });
});

describe("last_used_at", () => {
  it("is accurate to the hour only", () => {
    const world = openWorld();
    const { id, current } = world.createKey();
    expect(world.key(id).lastUsedAt).toBeNull();
    authenticate(world.account, current);
    world.clock.advance(HOUR - 1);
    authenticate(world.account, current);
    expect(world.key(id).lastUsedAt).toBe(START);
    world.clock.advance(1);
    authenticate(world.account, current);
    expect(world.key(id).lastUsedAt).toBe(START + HOUR);
  });
});
