/** Events about a key whose secret does not say which key it is. */
import { describe, expect, it } from "vitest";
import { keyIdOf } from "../../../src/core/slots.ts";
import type { Work } from "../../../src/core/work.ts";
import { DAY_MS, HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";
import { createKey } from "../../support/paddle-simulator/account/dashboard.ts";
import { authenticate } from "../../support/paddle-simulator/account/authenticate.ts";

const legacyWorld = (options: WorldOptions = {}) => {
  const world = new World({
    ...options,
    key: { legacy: true, expiresAt: Date.UTC(2026, 10, 21) + 6 * DAY_MS, ...options.key },
  });
  expect(keyIdOf(world.store.slots.active ?? never())).toBeNull();
  return world;
};

function never(): never {
  throw new Error("there is no active secret");
}

/** As in production, where nobody knows the name of a key that no store names. */
async function happens(world: World, works: readonly Work[], forMs: number): Promise<void> {
  for (const work of works) world.jobs.add({ ...work, keyName: null });
  await world.runAll(world.clock.now() + forMs);
}

const kindsOf = (world: World) => world.alerts.map(({ kind }) => kind);

describe("a legacy key that expires", () => {
  it("is a person's to replace, who is told how many days are left", async () => {
    const world = legacyWorld();
    await happens(world, await world.warned(), HOUR_MS);
    expect(world.alerts).toMatchObject([{ kind: "not-rotatable", keyName: "billing", keyId: world.keyId }]);
    expect(world.alerts[0]?.happened).toContain("in 5 days");
    expect(world.alerts[0]?.action).toContain("replace billing");
  });

  it("is replaced by its standby, lives beside it for the overlap, and leaves the store when it is revoked", async () => {
    const standbyKey = { permissions: ["transaction.read", "api_key.read"] };
    const world = legacyWorld({ standby: "elsewhere", standbyKey, policy: { overlapMs: 3 * HOUR_MS } });
    await happens(world, await world.warned(), HOUR_MS);
    expect(world.store.slots.active?.secret.reveal()).toBe(world.standbySecret);
    expect(world.isAlive(world.store.slots.old?.secret)).toBe(true);
    await world.runAll(world.clock.now() + 3 * HOUR_MS);
    expect(kindsOf(world)).toEqual(["standby-used", "former-key-lives"]);
    await happens(world, await world.revokedByUser(world.keyId), HOUR_MS);
    expect(world.store.slots.old).toBeNull();
    expect(kindsOf(world)).toEqual(["standby-used", "former-key-lives", "former-key-ended"]);
    expect(world.broken).toEqual([]);
  });

  it("is known by then also when it is dead and can be asked nothing", async () => {
    const world = legacyWorld();
    await happens(world, await world.warned(), HOUR_MS);
    await happens(world, await world.expired(world.keyId), HOUR_MS);
    expect(world.alerts.at(-1)).toMatchObject({
      kind: "key-expired",
      severity: "critical",
      keyName: "billing",
    });
  });
});

describe("a legacy key that a person revoked", () => {
  it("is told of without a word of reactivation, which Paddle does for no legacy key", async () => {
    const world = legacyWorld();
    await happens(world, await world.warned(), HOUR_MS);
    await happens(world, await world.revokedByUser(world.keyId), HOUR_MS);
    expect(world.alerts.at(-1)).toMatchObject({ kind: "key-revoked", severity: "critical" });
    expect(world.alerts.at(-1)?.action).not.toContain("reactivate");
  });
});

describe("an event about a key that no store names", () => {
  it("is never taken for that of a managed legacy key, which may read every key of the account", async () => {
    const world = legacyWorld();
    const stranger = createKey(world.account, { expiresAt: world.clock.now() + 6 * DAY_MS });
    await happens(world, await world.warned(stranger.id), HOUR_MS);
    expect(world.alerts).toMatchObject([{ kind: "unmanaged-key-expiring", keyId: stranger.id }]);
    expect(world.store.slots.active?.secret.reveal()).toBe(world.firstSecret);
  });

  it("says which managed keys it may be about where the account has several legacy keys", async () => {
    const world = legacyWorld();
    const other = createKey(world.account, { legacy: true, expiresAt: world.clock.now() + 6 * DAY_MS });
    await happens(world, await world.warned(other.id), HOUR_MS);
    await happens(world, await world.expired(other.id), HOUR_MS);
    expect(world.alerts).toMatchObject([
      { kind: "unmanaged-key-expiring", severity: "warning" },
      { kind: "unmanaged-key-ended", severity: "critical" },
    ]);
    for (const alert of world.alerts) expect(alert.action).toContain("replace billing");
    expect(authenticate(world.account, world.firstSecret)?.id).toBe(world.keyId);
  });

  it("is not taken for the first of several legacy keys, whichever of them the store holds", async () => {
    const world = legacyWorld();
    const held = createKey(world.account, { legacy: true });
    world.store.edit("active", held.current);
    await happens(world, await world.warned(world.keyId), HOUR_MS);
    expect(world.alerts).toMatchObject([{ kind: "unmanaged-key-expiring", keyId: world.keyId }]);
  });

  it("names no key where every secret says whose it is", async () => {
    const world = new World();
    const stranger = createKey(world.account, { expiresAt: world.clock.now() + 6 * DAY_MS });
    await happens(world, await world.warned(stranger.id), HOUR_MS);
    expect(world.alerts[0]?.happened).not.toContain("legacy");
  });
});
