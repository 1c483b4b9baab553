/** From where and how often a sign-in may fail. */
import { describe, expect, it } from "vitest";
import { networkOf } from "../../../src/http/network-address.ts";
import { TokenBuckets } from "../../../src/http/token-buckets.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("one subscriber's addresses", () => {
  it.each([
    ["10.0.0.5", "10.0.0.5"],
    ["::ffff:10.0.0.5", "10.0.0.5"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8::2:0:0:1", "2001:db8:0:0::/64"],
    ["2001:db8:0:1::ffff", "2001:db8:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["64:ff9b::10.0.0.5", "64:ff9b:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["", ""],
    [undefined, ""],
  ])("%s is of %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe("a bucket of tokens", () => {
  const terms = { burst: 2, perSecond: 0.5, atMost: 2 };

  it("holds so many at once, and fills again", async () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets(clock, terms);
    expect([buckets.take("a"), buckets.take("a"), buckets.take("a")]).toEqual([true, true, false]);
    expect(buckets.waitSeconds("a")).toBe(2);
    await clock.advance(1_999);
    expect(buckets.take("a")).toBe(false);
    await clock.advance(1);
    expect([buckets.waitSeconds("a"), buckets.take("a"), buckets.take("a")]).toEqual([0, true, false]);
    await clock.advance(3_600_000);
    expect([buckets.take("a"), buckets.take("a"), buckets.take("a")]).toEqual([true, true, false]);
  });

  it("is everybody's own", () => {
    const buckets = new TokenBuckets(new FakeClock(), terms);
    buckets.take("a");
    buckets.take("a");
    expect([buckets.take("a"), buckets.take("b")]).toEqual([false, true]);
  });

  it("is forgotten when it was touched longest ago, so that they do not fill the memory", () => {
    const buckets = new TokenBuckets(new FakeClock(), terms);
    for (const name of ["a", "a", "b", "b", "a", "c", "c"]) buckets.take(name);
    expect(["a", "b", "c"].map((name) => buckets.waitSeconds(name))).toEqual([2, 0, 2]);
  });
});
