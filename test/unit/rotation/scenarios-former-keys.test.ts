/** Keys that another one replaced, and that nobody has ended yet. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, unknownOrigin } from "../../../src/core/slots.ts";
import { HOUR_MS, World } from "../../support/engine/world.ts";
import { findKey } from "../../support/paddle-simulator/account/account.ts";
import { authenticate } from "../../support/paddle-simulator/account/authenticate.ts";
import { startRotation } from "../../support/paddle-simulator/account/rotate.ts";

/** A person has brought another key, whose rotation took the slot in which the former one lay. */
async function withoutItsSlot(): Promise<World> {
  const world = new World({ policy: { overlapMs: 72 * HOUR_MS } });
  world.jobs.add(await world.bringsKey());
  await world.runAll(world.clock.now() + 1_000);
  expect(world.alerts).toEqual([]);
  world.jobs.add(await world.asksForRotation());
  await world.runAll(world.clock.now() + 1_000);
  return world;
}

const about = (world: World, kind: string) => world.alerts.filter((alert) => alert.kind === kind);

describe("a former key that still lives", () => {
  it("leaves the store only after a person was asked to revoke it", async () => {
    const world = await withoutItsSlot();
    expect(world.store.slots.old?.secret.reveal()).not.toBe(world.firstSecret);
    expect(about(world, "former-key-lives")).toMatchObject([
      { keyId: world.keyId, action: expect.stringContaining(`Revoke ${world.keyId}`) },
    ]);
  });

  it("and is exposed when it is in no store any more is a person's emergency", async () => {
    const world = await withoutItsSlot();
    const works = await world.exposed({ action: "none", keyId: world.keyId });
    for (const work of works) world.jobs.add(work);
    await world.runAll(world.clock.now() + 1_000);
    expect(about(world, "key-exposed")).toMatchObject([{ severity: "critical", keyId: world.keyId }]);
  });
});

describe("a standby that was promoted while its own rotation went on", () => {
  it("keeps its newer secret in its own store", async () => {
    const world = new World({ standby: "elsewhere" });
    const { standbyStore, standbyKeyId, standbySecret } = world;
    if (!standbyStore || standbyKeyId === null || standbySecret === null)
      throw new Error("there is no standby");
    const works = await world.revokedByUser();
    const terms = { graceSeconds: 3600, newKeyExpiresAt: undefined };
    const { newSecret } = startRotation(world.account, findKey(world.account, standbyKeyId), terms);
    authenticate(world.account, newSecret);
    const newer = unknownOrigin(new Secret(newSecret));
    const promoted = unknownOrigin(new Secret(standbySecret));
    await standbyStore.write({ ...EMPTY_SLOTS, standby: newer }, (await standbyStore.read()).version);
    await world.store.write({ ...EMPTY_SLOTS, active: promoted }, (await world.store.read()).version);
    for (const work of works) world.jobs.add(work);
    await world.runAll(world.clock.now() + 1_000);
    expect(standbyStore.slots.standby?.secret.reveal()).toBe(newSecret);
  });
});
