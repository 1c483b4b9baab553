/**
 * A standby in a store of its own, where that is one value: an operator makes the standby the value of a secret as
 * anywhere else, and an emergency makes it the value that applications read.
 */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { createStore } from "../../../src/stores/registry.ts";
import { withExchangedSlots } from "../../../src/core/exchanged-slots.ts";
import { issued, plain, secretText } from "../../contract/secret-store-samples.ts";
import type { StorePlace } from "../../contract/secret-store.contract.ts";
import { endOf } from "../../support/engine/ends.ts";
import { MirroredStore } from "../../support/engine/mirrored-store.ts";
import { World } from "../../support/engine/world.ts";
import { AwsPlace } from "../../support/stores/aws-secrets-manager-place.ts";
import { GoogleSecretManagerPlace, NAMES } from "../../support/stores/google-secret-manager-place.ts";
import { STORE_PLACES } from "../../support/stores/places.ts";

describe.each(["Google Secret Manager", "an Azure key vault"])("on %s", (kind) => {
  const open = () => STORE_PLACES[kind]?.({}) ?? expect.fail(`there is no place called ${kind}`);

  it("an exposed and revoked key is replaced by the standby of another secret", async () => {
    await using place = await open();
    await using elsewhere = await open();
    const world = await worldOf(place, elsewhere);
    for (const work of await world.exposed({ action: "revoked" })) world.jobs.add(work);
    await world.runAll();

    expect(world.broken).toEqual([]);
    expect(endOf(world)).toMatchObject({ active: "standby, living", left: [], alerts: ["standby-used"] });
    // As any process finds it, and as the applications read it.
    const { slots } = await place.store().read();
    expect(slots.active?.secret.reveal()).toBe(world.standbySecret);
    expect((await elsewhere.store().read()).slots.active).toBeNull();
  });

  it("the standby is rotated there, as the value of its secret", async () => {
    await using place = await open();
    await using elsewhere = await open();
    const world = await worldOf(place, elsewhere);
    const { standbyKeyId, standbySecret } = world;
    if (standbyKeyId === null) return expect.fail("there is no standby");
    const intent = { id: "evt_standby", kind: "scheduled", requestedAt: world.clock.now() } as const;
    const outcome = await world.runToEnd({
      job: "rotate",
      keyName: "billing-standby",
      keyId: standbyKeyId,
      intent,
      eventId: null,
      keyExpiresAt: null,
    });
    expect(outcome).toMatchObject({ kind: "done", result: "rotated" });
    expect(world.broken).toEqual([]);
    const { slots } = await elsewhere.store().read();
    expect(world.isAlive(slots.active?.secret)).toBe(true);
    expect(slots.active?.secret.reveal()).not.toBe(standbySecret);
    expect([slots.old, slots.pending, slots.standby]).toEqual([null, null, null]);
  });
});

describe("the registry", () => {
  it.each(["active", "standby"] as const)(
    "opens a store for the %s with that as its value",
    async (holds) => {
      await using place = await GoogleSecretManagerPlace.open();
      await place.edit("active", secretText("value"));
      const { url: endpoint, credentialsFile } = place.google;
      const store = await createStore(
        { type: "google-secret-manager", ...NAMES, location: null, endpoint, credentialsFile },
        { clock: systemClock, leases: place.leases, holds },
      );
      const { slots } = await store.read();
      const held = { ...EMPTY_SLOTS, [holds]: issued("value") };
      expect(plain(slots)).toEqual(plain(held));
    },
  );
});

describe("on AWS Secrets Manager", () => {
  it.each(["json versions", "plain versions"] as const)(
    "a standby is the current version of %s",
    async (layout) => {
      await using place = await AwsPlace.open({}, layout);
      await place.edit("active", secretText("spare"));
      const { slots } = await place.store({ shape: "auto" }, {}, "standby").read();
      expect([slots.standby?.secret.reveal(), slots.active]).toEqual([secretText("spare"), null]);
    },
  );

  it("a standby is the field of that name, where the secret has fields", async () => {
    await using place = await AwsPlace.open({}, "fields");
    await place.edit("standby", secretText("spare"));
    const { slots } = await place.store({ shape: "auto" }, {}, "standby").read();
    expect([slots.standby?.secret.reveal(), slots.active]).toEqual([secretText("spare"), null]);
  });
});

/** A key on one place, whose standby a person has made the value of the other. */
async function worldOf(place: StorePlace, elsewhere: StorePlace): Promise<World> {
  const world: World = new World({
    standby: "elsewhere",
    store: (slots) => new MirroredStore(place.store(), slots),
    standbyStore: () => new MirroredStore(withExchangedSlots(elsewhere.store()), {}),
  });
  await elsewhere.edit("active", world.standbySecret);
  return world;
}
