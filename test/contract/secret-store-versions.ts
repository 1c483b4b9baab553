/** A secret store takes no write from one who has not seen what it replaces. */
import { expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../src/core/slots.ts";
import { BESIDE, issued, plain, put, secretText } from "./secret-store-samples.ts";
import type { OpenPlace } from "./secret-store.contract.ts";

export function versionsContract(open: OpenPlace): void {
  it("gives the same version for as long as nobody writes", async () => {
    await using place = await open(BESIDE);
    await put(place.store(), { ...EMPTY_SLOTS, active: issued("first") });
    const { version } = await place.store().read();
    expect((await place.store().read()).version).toBe(version);
  });

  it("refuses a write against slots that another writer has replaced, and keeps those", async () => {
    await using place = await open(BESIDE);
    const [early, late] = [place.store(), place.store()];
    const { version } = await late.read();
    const kept = { ...EMPTY_SLOTS, active: issued("early") };
    await put(early, kept);
    expect(await late.write({ ...EMPTY_SLOTS, active: issued("late") }, version)).toBe("conflict");
    expect(plain((await late.read()).slots)).toEqual(plain(kept));
  });

  it.each(["active", "old", "pending", "standby"] as const)(
    "refuses a write against slots whose %s a person has changed since",
    async (field) => {
      await using place = await open(BESIDE);
      const store = place.store();
      await put(store, { ...EMPTY_SLOTS, active: issued("first") });
      const { slots, version } = await store.read();
      await place.edit(field, secretText("by-hand"));
      expect(await store.write(slots, version)).toBe("conflict");
      expect((await store.read()).slots[field]?.secret.reveal()).toBe(secretText("by-hand"));
    },
  );

  it("refuses a stale version even when the slots are again what they were", async () => {
    await using place = await open(BESIDE);
    const store = place.store();
    const [one, other] = [issued("one"), issued("other")].map((active) => ({ ...EMPTY_SLOTS, active }));
    await put(store, one ?? EMPTY_SLOTS);
    const stale = await store.read();
    await put(store, other ?? EMPTY_SLOTS);
    await put(store, stale.slots);
    expect(await store.write({ ...EMPTY_SLOTS, active: issued("stale") }, stale.version)).toBe("conflict");
    expect(plain((await store.read()).slots)).toEqual(plain(stale.slots));
  });

  it("makes a new version even of a write that changes nothing", async () => {
    await using place = await open(BESIDE);
    const store = place.store();
    const { slots, version } = await store.read();
    expect(await store.write(slots, version)).toBe("written");
    expect(await store.write(slots, version)).toBe("conflict");
  });

  it("lets exactly one of twenty simultaneous writers win, round after round", async () => {
    await using place = await open(BESIDE);
    for (let round = 0; round < 5; round += 1) {
      const writers = Array.from({ length: 20 }, (_, index) => ({
        store: place.store(),
        mine: { ...EMPTY_SLOTS, active: issued(`round${round}writer${index}`) },
      }));
      const results = await Promise.all(
        writers.map(async ({ store, mine }) => ({ store, mine, version: (await store.read()).version })),
      ).then((ready) => Promise.all(ready.map(({ store, mine, version }) => store.write(mine, version))));
      expect(results.toSorted()).toEqual([...Array.from({ length: 19 }, () => "conflict"), "written"]);
      const winner = writers[results.indexOf("written")];
      expect(plain((await place.store().read()).slots)).toEqual(plain(winner?.mine ?? EMPTY_SLOTS));
    }
  });
}
