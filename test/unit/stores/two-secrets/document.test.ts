/** What a reader makes of the application's newest version and the rotator's document, case by case. */
import { describe, expect, it } from "vitest";
import { toFields } from "../../../../src/core/slot-fields.ts";
import { EMPTY_SLOTS, promote, type Slots, stage, swapBack } from "../../../../src/core/slots.ts";
import { fromFields } from "../../../../src/core/slot-fields.ts";
import {
  applicationText,
  derive,
  nextDocument,
  parseDocument,
} from "../../../../src/stores/two-secrets-document.ts";
import { issued, issuedByUs, pending, plain, secretText } from "../../../contract/secret-store-samples.ts";

const first: Slots = { ...EMPTY_SLOTS, active: issuedByUs("first"), standby: issuedByUs("standby") };
const staged = stage(first, { ...pending("second"), intentId: "evt_second" });
const promoted = promote(staged, { slot: "active", until: 5 });
const TURN = { by: "a writer", follows: "3" };

/** The document of a write from one state to the other, while applications were at version 7. */
function documentOf(before: Slots, after: Slots) {
  const newest = { text: applicationText(before.active?.secret.reveal() ?? null), version: "7" };
  const now = derive(newest, nextDocument(derive(null, null), null, fieldsOf(before), TURN));
  return nextDocument(now, newest, fieldsOf(after), TURN);
}

const fieldsOf = (slots: Slots) => toFields({ slots, revision: 1 });
const bare = ({ secret, rotationId, issuedAt, intentId }: NonNullable<Slots["active"]>) => {
  return { secret, rotationId, issuedAt, intentId };
};

describe("what two secrets say together", () => {
  it.each<{ name: string; newest: [string, string]; document: [Slots, Slots]; says: Slots }>([
    {
      name: "a write that has not reached applications has not happened",
      newest: ["first", "7"],
      document: [staged, promoted],
      says: staged,
    },
    {
      name: "a write that has reached them has happened",
      newest: ["second", "8"],
      document: [staged, promoted],
      says: promoted,
    },
    {
      name: "a rollback that has reached them is known as one",
      newest: ["first", "8"],
      document: [promoted, swapBack(promoted)],
      says: swapBack(promoted),
    },
    {
      name: "a pending secret that applications got is active, and the active one old",
      newest: ["second", "9"],
      document: [first, staged],
      says: {
        ...first,
        active: staged.pending && bare(staged.pending),
        old: first.active && { ...first.active, until: null },
      },
    },
    {
      name: "so is a standby",
      newest: ["standby", "9"],
      document: [first, staged],
      says: {
        ...staged,
        active: first.standby,
        standby: null,
        old: first.active && { ...first.active, until: null },
      },
    },
    {
      name: "an old secret that applications got back is active, and the other one old",
      newest: ["first", "9"],
      document: [staged, promoted],
      says: {
        ...promoted,
        active: first.active,
        old: promoted.active && { ...promoted.active, until: null },
      },
    },
    {
      name: "a secret of a person's is active, of unknown origin, and nothing else has changed",
      newest: ["by-hand", "9"],
      document: [first, staged],
      says: { ...staged, active: issued("by-hand") },
    },
  ])("$name", ({ newest: [mark, version], document: [before, after], says }) => {
    const { fields } = derive({ text: secretText(mark), version }, documentOf(before, after));
    expect(plain(fromFields(fields).slots)).toEqual(plain(says));
  });

  it("takes off one line end behind the secret, and no more", () => {
    for (const [stored, found] of [
      ["key\n", "key"],
      ["key\r\n", "key"],
      ["key\n\n", "key\n"],
      ["key ", "key "],
      ["\n", null],
    ] as const)
      expect(derive({ text: stored, version: "1" }, null).fields.active).toBe(found);
  });

  it("knows which version holds the old secret", () => {
    const document = documentOf(staged, promoted);
    expect(document.oldVersion).toBe("7");
    const kept = derive({ text: secretText("second"), version: "8" }, document);
    const again = nextDocument(kept, { text: secretText("second"), version: "8" }, fieldsOf(promoted), TURN);
    expect(again.oldVersion).toBe("7");
  });

  it("does not take a person's change for a writer's", () => {
    const document = documentOf(first, staged);
    expect(parseDocument(JSON.stringify(document))?.turn).toMatchObject(TURN);
    const fields = { ...document.fields, pending: secretText("by-hand") };
    expect(parseDocument(JSON.stringify({ ...document, fields }))?.turn).toBeNull();
    expect(parseDocument(JSON.stringify({ ...document, turn: undefined }))).toMatchObject({ turn: null });
  });

  it.each(["", "{}", "[]", "a person's notes", '{"fields":{}}'])("knows no document in %j", (text) => {
    expect(parseDocument(text)).toBeNull();
  });
});
