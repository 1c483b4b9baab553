/** What people see of the slots in a secret's custom metadata: what each secret is, never a secret. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { toFields } from "../../../../src/core/slot-fields.ts";
import { EMPTY_SLOTS, type Slots } from "../../../../src/core/slots.ts";
import { mirrored } from "../../../../src/stores/vault/mirror.ts";

const NAMES = {
  active: "KEY",
  old: "OLD_KEY",
  pending: "NEXT_KEY",
  standby: "SPARE_KEY",
  notes: "KEY_NOTES",
};
const AT = Date.UTC(2026, 10, 21, 4, 5, 6);

const known = (text: string) => ({
  secret: new Secret(text),
  rotationId: `apkrot_${text}`,
  issuedAt: AT,
  intentId: "evt_1",
});
const unknown = (text: string) => ({
  secret: new Secret(text),
  rotationId: null,
  issuedAt: null,
  intentId: null,
});
const mirror = (present: Record<string, string>, slots: Partial<Slots>, names = NAMES) =>
  mirrored(present, toFields({ slots: { ...EMPTY_SLOTS, ...slots }, revision: 1 }), names);

describe("the custom metadata", () => {
  it("says of each secret what it is, by fingerprint", () => {
    const slots = {
      active: known("a"),
      old: { ...known("o"), until: AT + 86_400_000 },
      pending: { ...known("p"), mode: "revoke-first" as const, graceSeconds: 0 },
      standby: unknown("s"),
    };
    const print = (text: string) => new Secret(text).fingerprint();
    expect(mirror({}, slots)).toEqual({
      "rotator.KEY": `${print("a")}; apkrot_a; issued 2026-11-21T04:05:06.000Z`,
      "rotator.OLD_KEY": `${print("o")}; apkrot_o; issued 2026-11-21T04:05:06.000Z; until 2026-11-22T04:05:06.000Z`,
      "rotator.NEXT_KEY": `${print("p")}; apkrot_p; issued 2026-11-21T04:05:06.000Z; not yet used, revoke-first`,
      "rotator.SPARE_KEY": print("s"),
    });
  });

  it("says that a rotation is rolled back", () => {
    const slots = { active: unknown("a"), old: { ...unknown("o"), until: null }, rolledBack: true };
    expect(mirror({}, slots)?.["rotator.KEY"]).toContain("; rolled back");
  });

  it("keeps the entries of others, and those on another key in the same secret", () => {
    const others = { owner: "jdoe", "rotator.OTHER_KEY": "sha256:0" };
    const present = { ...others, "rotator.KEY": "sha256:1", "rotator.OLD_KEY": "sha256:2" };
    expect(mirror(present, { active: unknown("a") })).toEqual({
      ...others,
      "rotator.KEY": new Secret("a").fingerprint(),
    });
  });

  it("is not written where it is right already", () => {
    const present = { owner: "jdoe", ...mirror({}, { active: known("a") }) };
    expect(mirror(present, { active: known("a") })).toBeNull();
  });

  it("is left alone where Vault would refuse it: 64 entries are the most", () => {
    const others = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`entry-${index}`, "x"]));
    expect(Object.keys(mirror(others(63), { active: known("a") }) ?? {})).toHaveLength(64);
    expect(mirror(others(64), { active: known("a") })).toBeNull();
  });

  it("leaves out an entry that Vault would refuse", () => {
    expect(mirror({ a: "b" }, { active: known("a") }, { ...NAMES, active: "K".repeat(121) })).toBeNull();
    expect(mirror({ a: "b" }, { active: { ...known("a"), rotationId: "line\nfeed" } })).toBeNull();
    expect(mirror({ a: "b" }, { active: { ...known("a"), rotationId: "r".repeat(500) } })).toBeNull();
  });
});
