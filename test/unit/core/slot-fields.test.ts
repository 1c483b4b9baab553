import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { fromFields, toFields } from "../../../src/core/slot-fields.ts";
import { EMPTY_SLOTS, type Slots } from "../../../src/core/slots.ts";

const AT = Date.parse("2026-11-24T00:00:00.123Z");

const FULL: Slots = {
  active: { secret: new Secret("two"), rotationId: "apkrot_2", issuedAt: AT, intentId: "evt_2" },
  old: {
    secret: new Secret("one"),
    rotationId: "apkrot_1",
    issuedAt: AT - 9,
    intentId: "evt_1",
    until: AT + 5,
  },
  pending: {
    secret: new Secret("three"),
    rotationId: "apkrot_3",
    issuedAt: AT + 1,
    intentId: "evt_3",
    mode: "revoke-first",
    graceSeconds: 0,
  },
  standby: { secret: new Secret("four"), rotationId: null, issuedAt: null, intentId: null },
  rolledBack: true,
};

const revealed = (slots: Slots) =>
  JSON.stringify(slots, (_name, value) => (value instanceof Secret ? value.reveal() : value));
const NOTHING = { active: null, old: null, pending: null, standby: null, notes: null };

describe("slots kept in a store's fields", () => {
  it("come back as they were written", () => {
    const back = fromFields(toFields({ slots: FULL, revision: 7 }));
    expect(back.revision).toBe(7);
    expect(back.slots).toEqual(FULL);
    expect(back.slots.pending?.secret.reveal()).toBe("three");
  });

  it("come back empty from a store that never held any", () => {
    expect(fromFields(NOTHING)).toEqual({ slots: EMPTY_SLOTS, revision: 0 });
  });

  it("take an empty text for an empty slot", () => {
    expect(fromFields({ ...NOTHING, old: "", pending: "" }).slots).toEqual(EMPTY_SLOTS);
  });

  it("keep no secret in the notes", () => {
    const { notes } = toFields({ slots: { ...FULL, standby: null }, revision: 7 });
    expect(notes).not.toMatch(/"(one|two|three|four)"/);
    expect(notes).toContain(new Secret("two").fingerprint());
  });

  it("drop what was known of a secret that a person has changed", () => {
    const fields = { ...toFields({ slots: FULL, revision: 7 }), active: "typed by hand" };
    const { slots } = fromFields(fields);
    expect(slots.active?.secret.reveal()).toBe("typed by hand");
    expect(slots.active).toMatchObject({ rotationId: null, issuedAt: null, intentId: null });
    expect(slots.old).toMatchObject({ rotationId: "apkrot_1", until: AT + 5 });
  });

  it.each(["not json", "[]", '{"revision":"x"}', '{"active":{"fingerprint":1}}'])(
    "survive notes that cannot be read: %s",
    (notes) => {
      const { slots, revision } = fromFields({ ...NOTHING, active: "one", pending: "two", notes });
      expect(revision).toBe(0);
      expect(revealed(slots)).toBe(
        revealed({
          ...EMPTY_SLOTS,
          active: { secret: new Secret("one"), rotationId: null, issuedAt: null, intentId: null },
          pending: {
            secret: new Secret("two"),
            rotationId: null,
            issuedAt: null,
            intentId: null,
            mode: "graceful",
            graceSeconds: null,
          },
        }),
      );
    },
  );

  it("keep what is known although a newer release has written words that this one does not know", () => {
    const fields = toFields({ slots: FULL, revision: 7 });
    const written: unknown = JSON.parse(fields.notes ?? "");
    const notes = JSON.stringify(written, (name, value: unknown) => {
      if (name === "mode") return "a new one";
      return name === "standby" ? { by: "somebody" } : value;
    });
    const { slots, revision } = fromFields({ ...fields, notes });
    expect(revision).toBe(7);
    expect(slots.active).toEqual(FULL.active);
    expect(slots.pending).toMatchObject({ intentId: FULL.pending?.intentId, mode: "graceful" });
    expect(slots.standby?.issuedAt).toBeNull();
  });

  it("are not rolled back once a person has emptied the old slot", () => {
    expect(fromFields({ ...toFields({ slots: FULL, revision: 7 }), old: null }).slots.rolledBack).toBe(false);
  });
});
