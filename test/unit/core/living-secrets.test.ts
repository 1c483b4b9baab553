/** Secrets are found by their value: legacy keys look like nothing in particular. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formsOf, HIDDEN, hideLivingSecrets, Needles } from "../../../src/core/living-secrets.ts";
import { Secret } from "../../../src/core/secret.ts";

const LEGACY = '7h!s "is" a+legacy/key';
const basic = (name: string, password: string) => Buffer.from(`${name}:${password}`).toString("base64");

describe("a secret that this process holds", () => {
  const held = [new Secret(LEGACY), new Secret("postgres://rotator:s3cr%2Ft-pass@db/rotator")];

  it.each([
    ["as it is", `refused: ${LEGACY}.`],
    ["in JSON", JSON.stringify({ key: LEGACY })],
    ["in an address", `https://api.internal/?key=${encodeURIComponent(LEGACY)}`],
    ["in a form", new URLSearchParams({ key: LEGACY }).toString()],
    ["in base64", Buffer.from(LEGACY).toString("base64")],
    ["in base64 of addresses", Buffer.from(LEGACY).toString("base64url")],
    ["in credentials after a name of 1", basic("a", LEGACY)],
    ["in credentials after a name of 2", basic("ab", LEGACY)],
    ["in credentials after a name of 3", basic("abc", LEGACY)],
  ])("is hidden %s", (_how, text) => {
    const hidden = hideLivingSecrets(text);
    expect(hidden).toContain(HIDDEN);
    for (const form of formsOf(LEGACY)) expect(hidden).not.toContain(form);
  });

  it("is hidden where it is the password of an address", () => {
    expect(hideLivingSecrets("no login for s3cr%2Ft-pass or s3cr/t-pass")).toBe(
      "no login for [hidden] or [hidden]",
    );
  });

  it("is hidden where it is the path of an incoming webhook", () => {
    const hook = new Secret("https://hooks.example.com/services/T0000/B0000/x1y2z3a4b5");
    expect(hideLivingSecrets("POST /services/T0000/B0000/x1y2z3a4b5 failed")).toBe("POST [hidden] failed");
    expect(hook).toBeInstanceOf(Secret);
  });

  it("hides nothing else", () => {
    expect(hideLivingSecrets("the secret sha256:ba7816bf8f01cfea was refused")).toBe(
      "the secret sha256:ba7816bf8f01cfea was refused",
    );
    expect(held).toHaveLength(2);
  });

  it("is no secret if it is shorter than 8 characters: words would be", () => {
    const short = [new Secret("rotated"), new Secret("")];
    expect(hideLivingSecrets("the key is rotated")).toBe("the key is rotated");
    expect(short).toHaveLength(2);
  });

  it("is not what somebody claims it to be", () => {
    expect(new Secret(LEGACY).matches("webhook received")).toBe(false);
    expect(hideLivingSecrets("webhook received")).toBe("webhook received");
  });
});

describe("looking for many texts at once", () => {
  const needle = fc.string({ minLength: 8, maxLength: 20, unit: fc.constantFrom("a", "b", "é", "😀") });

  it("finds what is there and nothing else", () => {
    fc.assert(
      fc.property(
        fc.array(needle),
        fc.string({ unit: fc.constantFrom("a", "b", "é", "😀") }),
        (all, text) => {
          const needles = new Needles();
          for (const each of all) needles.add(each);
          expect(needles.isIn(text)).toBe(all.some((each) => text.includes(each)));
          const hidden = needles.hideIn(text);
          expect(all.filter((each) => hidden.includes(each))).toEqual([]);
        },
      ),
    );
  });

  it("finds each of them between other words", () => {
    fc.assert(
      fc.property(fc.array(needle, { minLength: 1 }), fc.string(), fc.string(), (all, before, after) => {
        const needles = new Needles();
        for (const each of all) needles.add(each);
        for (const each of all) expect(needles.isIn(before + each + after)).toBe(true);
        for (const each of all) needles.delete(each);
        expect(all.filter((each) => needles.isIn(before + each + after))).toEqual([]);
      }),
    );
  });
});
