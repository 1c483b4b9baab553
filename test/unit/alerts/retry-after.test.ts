import { expect, it } from "vitest";
import { retryAfterMs } from "../../../src/alerts/channels/retry-after.ts";

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0);

it.each([
  ["seconds", "30", 30_000],
  ["a date", "Sat, 21 Nov 2026 03:01:00 GMT", 60_000],
  ["a date that is over", "Sat, 21 Nov 2026 02:00:00 GMT", 1_000],
  ["nothing", "0", 1_000],
  ["a week", "604800", 15 * 60_000],
  ["a number too long to count", "9".repeat(400), 15 * 60_000],
  ["no header", null, null],
  ["an empty header", "", null],
  ["a word", "soon", null],
  ["a negative number", "-5", null],
  ["a fraction", "1.5", null],
])("reads %s", (_, header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});
