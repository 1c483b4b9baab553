/** What limits strangers does not shut anybody out because a clock was set. */
import { expect, it } from "vitest";
import { TokenBuckets } from "../../../src/http/token-buckets.ts";

it("an empty bucket fills again although the clock was set back", () => {
  let now = 10 * 3_600_000;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const buckets = new TokenBuckets(clock, { burst: 1, perSecond: 1, atMost: 10 });
  expect([buckets.take("a"), buckets.take("a")]).toEqual([true, false]);
  now -= 3_600_000;
  expect(buckets.waitSeconds("a")).toBe(0);
});
