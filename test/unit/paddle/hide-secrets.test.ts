import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { hideSecrets, quotable } from "../../../src/paddle/hide-secrets.ts";

const KEY = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
const LEGACY_KEY = "0123456789abcdef0123456789abcdef0123456789abcdef01";

describe("text from outside", () => {
  it.each([
    ["a key", `the key ${KEY} is bad`, "the key [hidden] is bad"],
    ["a legacy key", `Bearer ${LEGACY_KEY}`, "Bearer [hidden]"],
    ["a key without spaces around it", `"${KEY}",`, `"[hidden]",`],
    [
      "the secret of a destination, wherever its slashes are",
      "pdl_ntfset_01kad0000000000000000000d1_a/3dE5f/7hJ9kL1mN3pQ5rS+tU9vW1xY is bad",
      "[hidden] is bad",
    ],
    ["a key glued to other text", `x${KEY}y`, "[hidden]"],
  ])("loses %s", (_what, text, shown) => {
    expect(hideSecrets(text, null)).toBe(shown);
  });

  it("loses the secret that was sent, whatever it looks like", () => {
    expect(hideSecrets("you sent s3cret! twice: s3cret!", new Secret("s3cret!"))).toBe(
      "you sent [hidden] twice: [hidden]",
    );
  });

  it.each([
    "Entity apikey_01kaa1b2c3d4e5f6g7h8j9k0mn not found",
    "/api-keys/apikey_01kaa1b2c3d4e5f6g7h8j9k0mn/rotations/apkrot_01kab0c1d2e3f4g5h6j7k8m9np",
    "d3a0c6de-3c54-4f0f-9f1a-51d2b7c3e4f6",
    "pdl_live_apikey_01kaa1b2c3****",
  ])("keeps what is no secret: %s", (text) => {
    expect(hideSecrets(text, new Secret(KEY))).toBe(text);
    expect(quotable(text, new Secret(KEY))).toBe(text);
  });

  it("is quoted as one printable line", () => {
    expect(quotable(" a\r\nb\u0000\u001b[31m\u202ec\u2028d\t ", null)).toBe("a b [31m c d");
  });

  it.each([
    [200, "x ".repeat(100).slice(0, 199) + "y", ""],
    [201, "x ".repeat(100) + "y", "…"],
  ])("is quoted up to 200 characters: %i", (_length, text, end) => {
    expect(quotable(text, null)).toBe(text.slice(0, 200) + end);
  });

  it("is never cut in the middle of a character", () => {
    const quoted = quotable(`${"x ".repeat(99)}x\u{1f511}`, null);
    expect(quoted).toBe(`${"x ".repeat(99)}x\ufffd…`);
  });

  it("is never cut so that half a secret remains", () => {
    const text = `${"x ".repeat(90)}${KEY}`;
    expect(quotable(text, null)).toBe(`${"x ".repeat(90)}[hidden]`);
  });

  it("never shows a key, wherever and however often it stands", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.constantFrom(KEY, LEGACY_KEY), (parts, key) => {
        expect(quotable(parts.join(key), null)).not.toContain(key);
        expect(hideSecrets(parts.join(key), null)).not.toContain(key);
      }),
    );
  });

  it("is quoted short, well-formed and printable whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 250 }), (text) => {
        const quoted = quotable(text, null);
        expect(quoted.length).toBeLessThanOrEqual(201);
        expect(quoted.isWellFormed()).toBe(true);
        expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
