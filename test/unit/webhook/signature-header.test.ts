import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSignatureHeader } from "../../../src/webhook/signature-header.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const h1 = (count: number) => `;h1=${A}`.repeat(count);

describe("parsing the Paddle-Signature header", () => {
  it.each<[string, string, string[]]>([
    ["one signature", `ts=1700000000;h1=${A}`, [A]],
    ["the time after the signatures", `h1=${A};h1=${B};ts=1700000000`, [A, B]],
    ["fields that Paddle may add", `v=2;ts=1700000000;h2=x;h1=${A};k=a=b;e=`, [A]],
    ["a value with = in it", `ts=1700000000;h1=${A};k==`, [A]],
    ["ten signatures", `ts=1700000000${h1(10)}`, Array<string>(10).fill(A)],
    ["a signature that is no hash, which can never match", `ts=1700000000;h1=dummy;h1=${B}`, [B]],
    ["a signature in capitals, which can never match", `ts=1700000000;h1=${A.toUpperCase()}`, []],
    ["a signature one digit short, which can never match", `ts=1700000000;h1=${A.slice(1)}`, []],
    ["a signature one digit long, which can never match", `ts=1700000000;h1=${A}0`, []],
    ["an empty signature, which can never match", `ts=1700000000;h1=`, []],
    ["2048 characters", `ts=1700000000;h1=${A};k=`.padEnd(2_048, "x"), [A]],
  ])("takes %s", (_what, header, signatures) => {
    const parsed = parseSignatureHeader(header);
    if (!("header" in parsed)) throw new Error(parsed.malformed);
    expect(parsed.header.ts).toBe("1700000000");
    expect(parsed.header.signatures.map((bytes) => bytes.toString("hex"))).toEqual(signatures);
  });

  it.each<[string, string | undefined, string]>([
    ["no header", undefined, "missing or empty"],
    ["an empty header", "", "missing or empty"],
    ["2049 characters", `ts=1700000000;h1=${A};k=`.padEnd(2_049, "x"), "longer than 2048 characters"],
    ["eleven signatures", `ts=1700000000${h1(11)}`, "more than 10 h1"],
    ["no time", `h1=${A}`, "ts is missing"],
    ["no signature", "ts=1700000000;h2=x", "h1 is missing"],
    ["two times", `ts=1700000000;ts=1700000001;h1=${A}`, "ts is there more than once"],
    ["the same time twice", `ts=1700000000;ts=1700000000;h1=${A}`, "ts is there more than once"],
    ["a time of 9 digits", `ts=170000000;h1=${A}`, "ts is not 10 digits"],
    ["a time of 11 digits", `ts=17000000000;h1=${A}`, "ts is not 10 digits"],
    ["a time of 400 digits", `ts=${"1".repeat(400)};h1=${A}`, "ts is not 10 digits"],
    ["an empty time", `ts=;h1=${A}`, "ts is not 10 digits"],
    ["a time with = in it", `ts=1700000000=;h1=${A}`, "ts is not 10 digits"],
    ["a negative time", `ts=-170000000;h1=${A}`, "ts is not 10 digits"],
    ["a time with a fraction", `ts=17000000.5;h1=${A}`, "ts is not 10 digits"],
    ["a time in hexadecimal", `ts=0x17000000;h1=${A}`, "ts is not 10 digits"],
    ["a field without =", `ts=1700000000;h1=${A};garbage`, "not name=value"],
    ["a field without a name", `=1;ts=1700000000;h1=${A}`, "not name=value"],
    ["a separator at the end", `ts=1700000000;h1=${A};`, "not name=value"],
    ["a separator twice", `ts=1700000000;;h1=${A}`, "not name=value"],
    ["a comma instead of a semicolon", `ts=1700000000,h1=${A}`, "a character that does not belong there"],
    ["two headers that Node joined", `ts=1700000000;h1=${A}, ts=1700000000;h1=${B}`, "a character that does"],
    ["a space", `ts=1700000000; h1=${A}`, "a character that does not belong there"],
    ["a line break", `ts=1700000000;h1=${A}\n`, "a character that does not belong there"],
    ["a letter beyond ASCII", `ts=1700000000;h1=${A};k=é`, "a character that does not belong there"],
    ["digits of another script", `ts=١٧٠٠٠٠٠٠٠٠;h1=${A}`, "a character that does not belong there"],
    ["a name in capitals", `TS=1700000000;h1=${A}`, "ts is missing"],
  ])("refuses %s", (_what, header, why) => {
    expect(parseSignatureHeader(header)).toEqual({ malformed: expect.stringContaining(why) });
  });

  it("says why in words of its own, whatever is sent", () => {
    const known = new Set<string>();
    const field = fc.oneof(
      fc.string(),
      fc.constantFrom("ts=1700000000", `h1=${A}`, "h1=dummy", "canary=canary"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const parsed = parseSignatureHeader(fields.join(";"));
        if ("malformed" in parsed) known.add(parsed.malformed);
        else expect(parsed.header.ts).toBe("1700000000");
      }),
      { numRuns: 1_000 },
    );
    expect([...known].filter((why) => /canary|1700000000|aaaa/.test(why))).toEqual([]);
    expect(known.size).toBeLessThan(10);
  });
});
