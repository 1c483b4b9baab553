/** A secret store gives back what was put into it, and leaves alone what is not its own. */
import { expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { EMPTY_SLOTS, promote, retire, type Slots, stage, unknownOrigin } from "../../src/core/slots.ts";
import { BESIDE, issued, issuedByUs, pending, plain, put, secretText } from "./secret-store-samples.ts";
import type { OpenPlace } from "./secret-store.contract.ts";

export function contentsContract(open: OpenPlace): void {
  it("has empty slots before anything was put into it", async () => {
    await using place = await open(BESIDE);
    const { slots } = await place.store().read();
    expect(slots).toEqual(EMPTY_SLOTS);
  });

  it("gives every store of the place what one of them wrote", async () => {
    await using place = await open(BESIDE);
    const slots = { ...EMPTY_SLOTS, active: issued("first") };
    await put(place.store(), slots);
    expect(plain((await place.store().read()).slots)).toEqual(plain(slots));
  });

  it("takes the secret that a person put there, of unknown origin", async () => {
    await using place = await open(BESIDE);
    await place.edit("active", secretText("by-hand"));
    const { slots } = await place.store().read();
    expect(plain(slots)).toEqual(plain({ ...EMPTY_SLOTS, active: issued("by-hand") }));
  });

  it("carries a key from staging over promotion to retirement, and a second time", async () => {
    await using place = await open(BESIDE);
    const store = place.store();
    let expected: Slots = { ...EMPTY_SLOTS, active: issued("first") };
    await put(store, expected);
    for (const mark of ["second", "third"]) {
      const steps: readonly ((slots: Slots) => Slots)[] = [
        (slots) => stage(slots, pending(mark)),
        (slots) => promote(slots, { slot: "active", until: Date.UTC(2026, 10, 21, 4, 5, 6, 789) }),
        (slots) => retire(slots),
      ];
      for (const step of steps) {
        expected = step(expected);
        await put(store, step((await store.read()).slots));
        expect(plain((await place.store().read()).slots)).toEqual(plain(expected));
      }
    }
    expect(plain(expected)).toEqual(plain({ ...EMPTY_SLOTS, active: issued("third") }));
  });

  it("can be emptied, and filled again", async () => {
    await using place = await open(BESIDE);
    const full = {
      active: issued("active"),
      old: { ...issued("old"), until: null },
      pending: pending("pending"),
      standby: issued("standby"),
      rolledBack: true,
    };
    for (const slots of [full, EMPTY_SLOTS, full]) {
      await put(place.store(), slots);
      expect(plain((await place.store().read()).slots)).toEqual(plain(slots));
    }
  });

  it("keeps all that is known of every secret", async () => {
    await using place = await open(BESIDE);
    const slots: Slots = {
      active: issuedByUs("active"),
      old: { ...issuedByUs("old"), until: Date.UTC(2026, 0, 2) },
      pending: { ...issuedByUs("pending"), mode: "revoke-first", graceSeconds: 0 },
      standby: issuedByUs("standby"),
      rolledBack: true,
    };
    await put(place.store(), slots);
    expect(plain((await place.store().read()).slots)).toEqual(plain(slots));
  });

  it("keeps notes in which every kind of character occurs", async () => {
    await using place = await open(BESIDE);
    const intentId = "\"quoted\" 'single' `tick` $HOME \\ # = { } \n \r \t \0 \u2028 \u2029 \uFEFF ä 東 🔑";
    const slots = { ...EMPTY_SLOTS, active: { ...issued("active"), intentId } };
    await put(place.store(), slots);
    expect(plain((await place.store().read()).slots)).toEqual(plain(slots));
    expect(await place.beside()).toEqual(BESIDE);
  });

  it("forgets what it knew of a secret that a person has replaced, and of that one only", async () => {
    await using place = await open(BESIDE);
    const slots = { ...EMPTY_SLOTS, active: issuedByUs("active"), standby: issuedByUs("standby") };
    await put(place.store(), slots);
    await place.edit("active", secretText("by-hand"));
    const { slots: found } = await place.store().read();
    expect(plain(found)).toEqual(plain({ ...slots, active: issued("by-hand") }));
  });

  it.each([69, 70, 255, 256, 1_023, 4_095, 4_096])("keeps a secret of %i characters", async (length) => {
    await using place = await open(BESIDE);
    const text = secretText("long").padEnd(length, "Az09_");
    expect(text).toHaveLength(length);
    await put(place.store(), { ...EMPTY_SLOTS, active: unknownOrigin(new Secret(text)) });
    expect((await place.store().read()).slots.active?.secret.reveal()).toBe(text);
  });

  it("leaves alone whatever else is kept in the place", async () => {
    await using place = await open(BESIDE);
    const store = place.store();
    const staged = stage({ ...EMPTY_SLOTS, active: issued("first") }, pending("second"));
    for (const slots of [staged, promote(staged, { slot: "active", until: 0 }), EMPTY_SLOTS]) {
      await put(store, slots);
      expect(await place.beside()).toEqual(BESIDE);
    }
  });
}
