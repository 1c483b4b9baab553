import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../../src/core/duration.ts";

const MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

describe("a written duration", () => {
  it.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ["24h", 86_400_000],
    ["60d", 5_184_000_000],
    ["0", 0],
    ["0s", 0],
    ["0d", 0],
  ])("reads %s as %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "5",
    "s",
    "-5s",
    "+5s",
    "1.5h",
    "1h30m",
    "5 s",
    "5S",
    "5ms",
    "1w",
    "5s\n",
    "٣s",
    "1e3s",
    "00",
  ])("refuses %j, which could be read in more than one way or none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("is read as long as its milliseconds can be counted exactly, and no longer", () => {
    expect(parseDuration("9007199254740s")).toBe(9_007_199_254_740_000);
    expect(parseDuration("9007199254741s")).toBeNull();
    expect(parseDuration(`${"9".repeat(400)}d`)).toBeNull();
  });

  it("is exactly as many units as it says, for every number and unit", () => {
    const unit = fc.constantFrom<keyof typeof MS>("s", "m", "h", "d");
    fc.assert(
      fc.property(fc.nat(100_000), unit, (count, name) => {
        expect(parseDuration(`${count}${name}`)).toBe(count * MS[name]);
      }),
    );
  });
});

describe("a duration for people", () => {
  it.each([
    [0, "0s"],
    [999, "0s"],
    [-1, "0s"],
    [1000, "1s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [90_000, "1m 30s"],
    [86_399_999, "23h 59m"],
    [86_400_000, "1d"],
    [86_460_000, "1d"],
    [604_799_000, "6d 23h"],
    [90 * 86_400_000, "90d"],
  ])("shows %i ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("is never longer than the duration, and less than its smaller unit shorter", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 10_000 * MS.d }), (ms) => {
        const parts = formatDuration(ms).split(" ");
        const shown = parts.reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0);
        const largest = Object.values(MS).findLast((unit) => unit <= ms) ?? MS.s;
        const smaller = Object.values(MS).findLast((unit) => unit < largest) ?? MS.s;
        expect(parts.length).toBeLessThanOrEqual(2);
        expect(ms - shown).toBeGreaterThanOrEqual(0);
        expect(ms - shown).toBeLessThan(smaller);
      }),
    );
  });

  it("comes back unchanged when it is written in one unit", () => {
    const unit = fc.constantFrom<[keyof typeof MS, number]>(["s", 59], ["m", 59], ["h", 23], ["d", 3650]);
    fc.assert(
      fc.property(unit, fc.nat(), ([name, most], seed) => {
        const text = `${1 + (seed % most)}${name}`;
        expect(formatDuration(parseDuration(text) ?? Number.NaN)).toBe(text);
      }),
    );
  });
});
