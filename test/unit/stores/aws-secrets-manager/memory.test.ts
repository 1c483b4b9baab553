import { describe, expect, it } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { fromFields } from "../../../../src/core/slot-fields.ts";
import {
  EMPTY_SLOTS,
  type IssuedSecret,
  promote,
  type Slots,
  stage,
  swapBack,
  swapForward,
} from "../../../../src/core/slots.ts";
import { recall, remember } from "../../../../src/stores/aws-secrets-manager/memory.ts";

const issued = (text: string): IssuedSecret => ({
  secret: new Secret(text),
  rotationId: `apkrot_${text}`,
  issuedAt: 1,
  intentId: `evt_${text}`,
});
const textsOf = ({ active, old, pending, standby }: Slots) => ({
  active: active?.secret.reveal() ?? null,
  old: old?.secret.reveal() ?? null,
  pending: pending?.secret.reveal() ?? null,
  standby: standby?.secret.reveal() ?? null,
});
/** What a reader makes of the labels of `slots` beside these notes. */
const read = (slots: Slots, notes: string | null) =>
  fromFields({ ...textsOf(slots), notes: recall(notes, textsOf(slots)) }).slots;

const plainly: Slots = { ...EMPTY_SLOTS, active: issued("a"), standby: issued("s") };
const staged = stage(plainly, { ...issued("p"), mode: "revoke-first", graceSeconds: 7 });
const promoted = promote(staged, { slot: "active", until: 5 });
const rolledBack = swapBack(promoted);

describe("the notes of a write", () => {
  it.each([
    ["stage", plainly, staged],
    ["promote", staged, promoted],
    ["roll back", promoted, rolledBack],
    ["swap forward", rolledBack, swapForward(rolledBack)],
  ])("are true before and after its labels move: %s", (_name, before, after) => {
    const notes = remember(before, after, 3);
    expect(read(before, notes)).toEqual(before);
    expect(read(before, notes).pending?.mode).toBe(before.pending?.mode);
    expect(read(before, notes).rolledBack).toBe(before.rolledBack);
    expect(read(after, notes)).toEqual(after);
    expect(read(after, notes).rolledBack).toBe(after.rolledBack);
  });

  it("end a rollback that stays as it is but for the mark", () => {
    const ended = { ...rolledBack, rolledBack: false };
    expect(read(ended, remember(rolledBack, ended, 3)).rolledBack).toBe(false);
  });

  it("say nothing of a secret that a person put there", () => {
    const notes = remember(plainly, staged, 3);
    const found = read({ ...staged, active: issued("by hand") }, notes);
    expect(found.active?.rotationId).toBeNull();
    expect(found.standby?.rotationId).toBe("apkrot_s");
  });

  it.each([null, "", "{", "[]", '{"revision":"x"}'])(
    "are taken for absent where they cannot be read: %s",
    (text) => {
      expect(recall(text, textsOf(staged))).toBeNull();
    },
  );

  it("hold no secret", () => {
    const slots = { ...staged, active: issued("pdl_canary") };
    expect(remember(slots, slots, 3).replaceAll(/(apkrot|evt)_pdl_canary/g, "")).not.toContain("canary");
  });
});
