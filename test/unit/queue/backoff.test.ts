import { assert, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { attemptsWithin, backoffMs } from "../../../src/queue/backoff.ts";

const never = () => 0;

describe("a job that failed", () => {
  it.each([
    [1, 2_000],
    [2, 4_000],
    [9, 512_000],
    [10, 600_000],
    [1_161, 600_000],
  ])("is tried again after failure %i in %i ms at the latest", (failures, ms) => {
    expect(backoffMs(failures, never)).toBe(ms);
  });

  it("never waits less than three quarters of that, so that jobs that failed together come back apart", () => {
    assert(
      property(
        integer({ min: 1, max: 2_000 }),
        double({ min: 0, max: 0.999, noNaN: true }),
        (failures, chance) => {
          const longest = backoffMs(failures, never);
          const wait = backoffMs(failures, () => chance);
          expect(wait).toBeLessThanOrEqual(longest);
          expect(wait).toBeGreaterThanOrEqual(longest * 0.75 - 1);
        },
      ),
    );
  });

  it("is tried for the seven days that Paddle warns ahead of an expiry", () => {
    const attempts = attemptsWithin(7 * 86_400_000);
    const mean = (count: number) =>
      Array.from({ length: count - 1 }, (_, index) => backoffMs(index + 1, () => 0.5)).reduce(
        (sum, ms) => sum + ms,
        0,
      );
    expect(attempts).toBe(1_161);
    expect(mean(attempts) / 86_400_000).toBeGreaterThanOrEqual(7);
    expect(mean(attempts - 1) / 86_400_000).toBeLessThan(7);
  });
});
