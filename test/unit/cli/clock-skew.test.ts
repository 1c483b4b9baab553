/** This machine's clock against Paddle's, as far as a header with whole seconds can tell. */
import { describe, expect, it } from "vitest";
import { judgeClock } from "../../../src/cli/check/clock-skew.ts";

const THEIRS = 1_795_000_000_000;
const at = (aheadMs: number, tookMs = 0) => {
  // Their header was cut to the second half a second ago.
  const middle = THEIRS + 500 + aheadMs;
  return { before: middle - tookMs / 2, theirs: THEIRS, after: middle + tookMs / 2 };
};

describe("the clock", () => {
  it.each([
    [0, "ok"],
    [2_500, "ok"],
    [2_501, "warning"],
    [5_500, "warning"],
    [5_501, "failed"],
    [-2_501, "warning"],
    [-5_501, "failed"],
  ])("that is %i ms ahead, give or take half a second, is %s", (aheadMs, level) => {
    expect(judgeClock(at(aheadMs), 5_000).level).toBe(level);
  });

  it("is not blamed for what a slow answer may have taken", () => {
    expect(judgeClock(at(8_000, 15_000), 5_000).level).toBe("ok");
  });

  it("says in which direction it is wrong", () => {
    expect(judgeClock(at(10_000), 5_000).says).toMatch(/9s ahead of Paddle's: every webhook is refused/);
    expect(judgeClock(at(-10_000), 5_000).says).toMatch(/9s behind Paddle's/);
  });
});
