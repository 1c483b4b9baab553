/** Keys that another one must replace: the standby, or one that a person brings. */
import { describe, expect, it } from "vitest";
import type { Work } from "../../../src/core/work.ts";
import { EFFECTS } from "../../support/engine/effects.ts";
import { endOf } from "../../support/engine/ends.ts";
import { justBefore } from "../../support/engine/gates.ts";
import { HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";
import { findKey } from "../../support/paddle-simulator/account/account.ts";
import { authenticate } from "../../support/paddle-simulator/account/authenticate.ts";

const kindsOf = (world: World) => world.alerts.map(({ kind }) => kind);
const MAY_READ_KEYS = { permissions: ["transaction.read", "api_key.read"] };

async function runAll(world: World, works: readonly Work[], until?: number): Promise<void> {
  for (const work of works) world.jobs.add(work);
  await world.runAll(until);
}

describe("an exposure and the revocation that goes with it", () => {
  const orders: [string, (works: Work[]) => Work[]][] = [
    ["in this order", (works) => works],
    ["the other way round", (works) => works.toReversed()],
  ];
  const places: [string, WorldOptions, string][] = [
    ["a standby elsewhere", { standby: "elsewhere" }, "standby, living"],
    ["a standby in the same store, made new first", { standby: "same-store" }, "standby made new, living"],
  ];
  const cases = orders.flatMap(([order, arrange]) =>
    places.map(([place, options, active]) => ({ order, arrange, place, options, active })),
  );
  it.each(cases)("$order, end with $place", async ({ arrange, options, active }) => {
    const world = new World(options);
    await runAll(world, arrange(await world.exposed({ action: "revoked" })));
    expect(endOf(world)).toMatchObject({ active, left: [], alerts: ["standby-used"] });
    expect(world.broken).toEqual([]);
  });

  it.each(cases)("at the same time on two workers ($order), end with $place", async (each) => {
    const world = new World(each.options);
    const works = each.arrange(await world.exposed({ action: "revoked" }));
    await Promise.allSettled(works.map((work) => world.run(work)));
    await runAll(world, works);
    expect(endOf(world)).toMatchObject({ active: each.active, left: [], alerts: ["standby-used"] });
    expect(world.broken).toEqual([]);
  });

  it.each(orders)(
    "%s, without a standby, page people, who can't bring the key back",
    async (_order, arrange) => {
      const world = new World();
      await runAll(world, arrange(await world.exposed({ action: "revoked" })));
      expect(world.alerts).toMatchObject([{ kind: "key-exposed", severity: "critical" }]);
      expect(world.alerts[0]?.action).not.toContain("reactivate");
      await runAll(world, [await world.bringsKey()]);
      expect(endOf(world)).toMatchObject({ active: "brought key, living", left: [] });
    },
  );
});

describe("a revocation whose event says that the key had been found in public", () => {
  it("offers no reactivation, although the exposure's own webhook never came", async () => {
    const world = new World();
    const [, revocation] = await world.exposed({ action: "revoked" });
    await runAll(world, revocation ? [revocation] : []);
    expect(world.alerts).toMatchObject([{ kind: "key-exposed", severity: "critical" }]);
    expect(world.alerts[0]?.action).not.toContain("reactivate");
    expect(endOf(world).jobs).toEqual({ "replace (revoked)": "needs-person" });
  });

  it("is a user's own where the exposed secret was replaced before", async () => {
    const world = new World();
    await runAll(world, await world.exposed({ action: "none" }));
    await world.clock.advance(HOUR_MS);
    await runAll(world, await world.revokedByUser(), world.clock.now() + 60_000);
    expect(kindsOf(world)).toEqual(["exposure-handled", "key-revoked"]);
    expect(world.alerts[1]?.action).toContain("reactivate");
  });
});

describe("a standby", () => {
  it("that lacks a permission of the old key is not used, and the page names the permission", async () => {
    const key = { permissions: ["transaction.read", "refund.write"], rotatable: false };
    const world = new World({ key, standby: "elsewhere", standbyKey: MAY_READ_KEYS });
    expect((await world.runToEnd((await world.exposed({ action: "none" }))[0])).kind).toBe("needs-person");
    expect(world.alerts[0]?.happened).toContain("refund.write");
  });

  it("that lies beside the exposed secret and can't be made new is not used", async () => {
    const world = new World({ standby: "same-store", standbyKey: { rotatable: false } });
    await runAll(world, await world.exposed({ action: "revoked" }));
    expect(endOf(world).active).toBe("first secret, dead");
    expect(world.alerts.find(({ kind }) => kind === "key-exposed")?.happened).toContain("may have leaked");
  });

  it("that can't be made new is used all the same after a person revoked the key", async () => {
    const world = new World({ standby: "same-store", standbyKey: { rotatable: false } });
    await runAll(world, await world.revokedByUser());
    expect(endOf(world)).toMatchObject({ active: "standby, living", alerts: ["standby-used"] });
  });

  it("that is dead itself is not used", async () => {
    const world = new World({ standby: "elsewhere" });
    await world.revokedByUser(world.standbyKeyId ?? "");
    await runAll(world, await world.expired());
    expect(endOf(world)).toMatchObject({ active: "first secret, dead", alerts: ["key-expired"] });
    expect(world.alerts[0]?.happened).toContain("Paddle refuses this secret");
  });

  it("takes the place of an expired key, and people are asked for a new one", async () => {
    const world = new World({ standby: "same-store" });
    await runAll(world, await world.expired());
    expect(endOf(world)).toMatchObject({ active: "standby, living", left: [], alerts: ["standby-used"] });
    expect(world.alerts[0]?.action).toContain("put a new standby beside it");
  });

  it("takes the place of a key that was made without rotation, when that is about to expire", async () => {
    const world = new World({
      key: { rotatable: false },
      standby: "elsewhere",
      policy: { overlapMs: HOUR_MS },
    });
    await runAll(world, await world.warned(), world.clock.now() + 1000 + HOUR_MS / 2);
    expect(endOf(world)).toMatchObject({ active: "standby, living", left: ["old"] });
    expect(world.isAlive(world.store.slots.old?.secret)).toBe(true);
  });
});

describe("a standby that is rotated in a store of its own", () => {
  it("takes the place of a key that dies meanwhile, whichever effect that comes before", async () => {
    for (let nth = 1; nth <= EFFECTS.length; nth += 1) {
      const world = new World({ standby: "elsewhere" });
      const rotation = { ...world.intent("manual", "manual-standby"), keyId: world.standbyKeyId ?? "" };
      const dies = async () => {
        for (const work of await world.expired(world.keyId)) await world.run(work);
      };
      await world.runToEnd({ ...rotation, keyName: "billing-standby" }, justBefore(null, dies, nth));
      await world.runAll();
      const end = endOf(world);
      expect(end, `before effect ${nth}`).toMatchObject({ left: [], alerts: ["standby-used"] });
      expect(end.active, `before effect ${nth}`).toMatch(/^standby(| made new), living$/);
      expect(world.broken, `before effect ${nth}`).toEqual([]);
    }
  });
});

describe("an overlap", () => {
  it.each([0, HOUR_MS, 72 * HOUR_MS])(
    "of %i ms is kept before anybody is asked to revoke",
    async (overlapMs) => {
      const world = new World({ policy: { overlapMs } });
      const work = await world.bringsKey();
      const switchedAt = world.clock.now();
      await runAll(world, [work], switchedAt + overlapMs - 1);
      if (overlapMs > 0) expect(kindsOf(world)).toEqual([]);
      await world.runAll(switchedAt + overlapMs);
      expect(kindsOf(world)).toEqual(["former-key-lives"]);
      await runAll(world, await world.revokedByUser(world.keyId));
      expect(endOf(world)).toMatchObject({ active: "brought key, living", left: [] });
      expect(kindsOf(world)).toEqual(["former-key-lives", "former-key-ended"]);
    },
  );

  it("leaves the former key's last use alone, and names the time when somebody else used it", async () => {
    const world = new World({ policy: { overlapMs: 72 * HOUR_MS } });
    const work = await world.bringsKey(MAY_READ_KEYS);
    await runAll(world, [work], world.clock.now() + 3 * HOUR_MS);
    const former = findKey(world.account, world.keyId);
    expect(former.lastUsedAt).toBeLessThanOrEqual(world.clock.now() - 3 * HOUR_MS);
    expect(kindsOf(world)).toEqual([]);
    authenticate(world.account, world.firstSecret);
    const usedAt = new Date(world.clock.now()).toISOString();
    await world.runAll(world.clock.now() + 2 * HOUR_MS);
    expect(kindsOf(world)).toEqual(["former-key-still-used"]);
    expect(world.alerts[0]?.happened).toContain(usedAt);
  });

  it("ends without a webhook where the new key may read that the former one is revoked", async () => {
    const world = new World();
    const work = await world.bringsKey(MAY_READ_KEYS);
    await runAll(world, [work], world.clock.now());
    await world.revokedByUser(world.keyId);
    await world.runAll();
    expect(endOf(world)).toMatchObject({ left: [], jobs: { "replace (manual)": "switched" } });
  });

  it("says that nobody can read the last use where the new key lacks the permission", async () => {
    const world = new World();
    await runAll(world, [await world.bringsKey()], world.clock.now());
    expect(world.alerts[0]?.action).toContain("no key here may read when it was used last");
  });

  it("is not counted for an exposed key: people are asked to revoke it at once", async () => {
    const options = { key: { rotatable: false }, standby: "elsewhere", standbyKey: MAY_READ_KEYS } as const;
    const world = new World({ ...options, policy: { overlapMs: 72 * HOUR_MS } });
    authenticate(world.account, world.firstSecret);
    await runAll(world, await world.exposed({ action: "none" }), world.clock.now() + 5000);
    expect(world.alerts).toMatchObject([
      { kind: "standby-used" },
      { kind: "former-key-lives", severity: "critical" },
    ]);
  });

  it("ends early when the former key is exposed: a person is asked to revoke it at once", async () => {
    const world = new World({ policy: { overlapMs: 72 * HOUR_MS } });
    await runAll(world, [await world.bringsKey()], world.clock.now() + HOUR_MS);
    const exposure = await world.exposed({ action: "none", keyId: world.keyId });
    await runAll(world, exposure, world.clock.now() + HOUR_MS);
    expect(world.alerts).toMatchObject([{ kind: "former-key-lives", severity: "critical" }]);
    await runAll(world, await world.revokedByUser(world.keyId));
    expect(endOf(world)).toMatchObject({ active: "brought key, living", left: [] });
    expect(world.broken).toEqual([]);
  });

  it("ends when Paddle revokes the former key for an exposure", async () => {
    const world = new World({ policy: { overlapMs: 72 * HOUR_MS } });
    await runAll(world, [await world.bringsKey()], world.clock.now() + HOUR_MS);
    await runAll(world, await world.exposed({ action: "revoked", keyId: world.keyId }));
    expect(endOf(world)).toMatchObject({ active: "brought key, living", left: [] });
    expect(world.broken).toEqual([]);
  });
});

describe("a user's own revocation", () => {
  it("says until when the key can be reactivated, and waits for that where there is no standby", async () => {
    const world = new World();
    const works = await world.revokedByUser();
    const revokedAt = world.clock.now();
    await runAll(world, works, revokedAt + HOUR_MS - 1000);
    expect(world.alerts).toMatchObject([{ kind: "key-revoked", severity: "critical" }]);
    expect(world.alerts[0]?.action).toContain(new Date(revokedAt + HOUR_MS).toISOString());
    await world.runAll();
    expect(world.alerts[1]?.action).not.toContain("reactivate");
  });

  it("is over when the key is reactivated, and people hear so once", async () => {
    const world = new World();
    await runAll(world, await world.revokedByUser(), world.clock.now() + 600_000);
    await world.reactivated();
    await world.runAll();
    expect(endOf(world)).toMatchObject({
      active: "first secret, living",
      alerts: ["key-revoked", "key-reactivated", "key-works"],
    });
    await runAll(world, [world.intent("expiring", "evt_later")]);
    expect(endOf(world)).toMatchObject({ active: "new secret, living" });
  });

  it("is answered by the standby at once; the key that is reactivated later is only a former one", async () => {
    const world = new World({ standby: "elsewhere" });
    await runAll(world, await world.revokedByUser());
    await world.reactivated(world.keyId);
    await world.runAll();
    expect(endOf(world)).toMatchObject({ active: "standby, living", left: [], alerts: ["standby-used"] });
  });

  it("of a key that is in nobody's store any more is no news", async () => {
    const world = new World();
    await runAll(world, [await world.bringsKey(MAY_READ_KEYS)], world.clock.now());
    await runAll(world, await world.revokedByUser(world.keyId));
    const late = { ...(world.jobs.all.at(-1)?.work ?? world.intent("manual", "")), keyName: null };
    await runAll(world, [{ ...late, intent: { ...late.intent, id: "evt_again" } }]);
    expect(kindsOf(world)).toEqual(["former-key-lives", "former-key-ended"]);
  });
});
