import { describe, expect, it } from "vitest";
import { identify } from "../../../src/core/paddle-key.ts";
import { Secret } from "../../../src/core/secret.ts";
import {
  EMPTY_SLOTS,
  promote,
  promoteStandby,
  putBackOld,
  retire,
  type Slots,
  swapBack,
  swapForward,
  unknownOrigin,
} from "../../../src/core/slots.ts";

const AT = Date.parse("2026-11-24T00:00:00Z");
const one = { ...unknownOrigin(new Secret("one")), rotationId: "apkrot_1" };
const two = { secret: new Secret("two"), rotationId: "apkrot_2", issuedAt: AT, intentId: "evt_2" };
const three = { ...unknownOrigin(new Secret("three")), rotationId: "apkrot_3" };
const pending = { ...two, mode: "graceful", graceSeconds: 3600 } as const;
const staged: Slots = { ...EMPTY_SLOTS, active: one, pending };
const keyOf = (id: string, mark: string) =>
  new Secret(`pdl_live_apikey_${id.padEnd(26, "0")}_${mark.padEnd(22, "x")}_abc`);

describe("slots", () => {
  it("promote the staged secret and keep the former one until its end", () => {
    expect(promote(staged, { slot: "active", until: AT })).toEqual({
      ...EMPTY_SLOTS,
      active: two,
      old: { ...one, until: AT },
    });
  });

  it("keep of two former secrets the one that lives on, and none where both are dead", () => {
    const during = { ...staged, old: { ...three, until: AT } };
    expect(promote(during, { slot: "old", until: AT }).old).toEqual({ ...three, until: AT });
    expect(promote(during, null)).toEqual({ ...EMPTY_SLOTS, active: two });
  });

  it("promote into an active slot that a person had emptied", () => {
    const promoted = promote({ ...staged, active: null }, { slot: "active", until: AT });
    expect(promoted).toEqual({ ...EMPTY_SLOTS, active: two });
  });

  it("use up the standby when a new secret of its key is promoted, and no other one", () => {
    const standby = unknownOrigin(keyOf("2", "Old"));
    const renewed = { ...staged, pending: { ...pending, secret: keyOf("2", "New") }, standby };
    expect(promote(renewed, null).standby).toBeNull();
    expect(promote({ ...staged, standby }, null).standby).toBe(standby);
  });

  it("switch to another key, with the former one beside it for the overlap or dead", () => {
    const slots = { ...staged, standby: three, rolledBack: true };
    expect(promoteStandby(slots, three, AT)).toEqual({
      ...EMPTY_SLOTS,
      active: three,
      old: { ...one, until: AT },
    });
    expect(promoteStandby(slots, three, null)).toEqual({ ...EMPTY_SLOTS, active: three });
  });

  it("swap back so that the older secret is used again and the newer one keeps its story", () => {
    const inGrace: Slots = { ...EMPTY_SLOTS, active: two, old: { ...one, until: AT } };
    expect(swapBack(inGrace)).toEqual({
      ...EMPTY_SLOTS,
      active: one,
      old: { ...two, until: AT },
      rolledBack: true,
    });
    expect(swapForward(swapBack(inGrace))).toEqual(inGrace);
  });

  it("put the old secret back with all that is known of it, and forget what failed", () => {
    const slots = { ...staged, old: { ...one, until: AT }, active: two };
    expect(putBackOld(slots)).toEqual({ ...EMPTY_SLOTS, active: one });
  });

  it("swap forward so that the newer secret keeps its story and the older one its end", () => {
    const rolledBack: Slots = { ...EMPTY_SLOTS, active: one, old: { ...two, until: AT }, rolledBack: true };
    expect(swapForward(rolledBack)).toEqual({ ...EMPTY_SLOTS, active: two, old: { ...one, until: AT } });
  });

  it("retire nothing but the old secret", () => {
    const slots = { ...staged, old: { ...one, until: AT } };
    expect(retire(slots)).toEqual(staged);
  });
});

describe("a Paddle key", () => {
  const ID = "01kaa1b2c3d4e5f6g7h8j9k0mn";
  const TAIL = "Zx8vB1nM2qW3eR4tY5uI6o_k9Q";

  it.each([
    [`pdl_live_apikey_${ID}_${TAIL}`, { keyId: `apikey_${ID}`, environment: "live" }],
    [`pdl_sdbx_apikey_${ID}_${TAIL}`, { keyId: `apikey_${ID}`, environment: "sandbox" }],
  ])("tells its id and environment: %s", (text, identity) => {
    expect(identify(new Secret(text))).toEqual(identity);
  });

  it.each([
    ["a legacy key", "a".repeat(50)],
    ["an unknown environment", `pdl_test_apikey_${ID}_${TAIL}`],
    ["a character too few", `pdl_live_apikey_${ID}_${TAIL.slice(1)}`],
    ["a character too many", `pdl_live_apikey_${ID}_${TAIL}x`],
    ["a trailing newline", `pdl_live_apikey_${ID}_${TAIL}\n`],
    ["an upper-case id", `pdl_live_apikey_${ID.toUpperCase()}_${TAIL}`],
  ])("is not recognised in %s", (_what, text) => {
    expect(identify(new Secret(text))).toBeNull();
  });
});
