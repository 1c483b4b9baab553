import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../../src/paddle/retry-after.ts";

const NOW = Date.parse("2026-11-21T01:00:00Z");

describe("the silence that Retry-After asks for", () => {
  it.each([
    ["seconds", "30", 30_000],
    ["seconds with spaces around them", " 30 ", 30_000],
    ["a date", "Sat, 21 Nov 2026 01:00:45 GMT", 45_000],
    ["no header: a minute", null, 60_000],
    ["an empty header: a minute", "", 60_000],
    ["nonsense: a minute", "soon", 60_000],
    ["a fraction, which the RFC does not know: a minute", "1.5", 60_000],
    ["a negative number: a minute", "-5", 60_000],
    ["a date that does not exist: a minute", "Sat, 99 Nov 2026 01:00:45 GMT", 60_000],
    ["a date in another format: a minute", "2026-11-21T01:00:45Z", 60_000],
    ["zero: at least a second", "0", 1_000],
    ["one second", "1", 1_000],
    ["a date in the past: at least a second", "Sat, 21 Nov 2026 00:59:00 GMT", 1_000],
    ["five minutes", "300", 300_000],
    ["more than five minutes: five minutes", "301", 300_000],
    ["more seconds than a number can hold: five minutes", "9".repeat(400), 300_000],
  ])("is read from %s", (_what, header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  it("is between a second and five minutes whatever the header says", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.date().map(String)), (header) => {
        const ms = retryAfterMs(header, NOW);
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms).toBeLessThanOrEqual(300_000);
      }),
    );
  });
});
