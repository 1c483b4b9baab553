/** Strangers may call for nothing now and then; Paddle may call as often as it likes. */
import { describe, expect, it } from "vitest";
import { ALL, FAILURES, SenderLimits } from "../../../src/http/sender-limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const STRANGER = "198.51.100.1";
const PADDLE = "34.232.58.13";

function open() {
  const clock = new FakeClock();
  const limits = new SenderLimits(clock);
  /** How many of so many webhooks with a wrong signature are looked at. */
  const forge = (address: string, times: number) => {
    let admitted = 0;
    for (let count = 0; count < times; count += 1) {
      if (limits.admit(address).kind !== "admitted") continue;
      admitted += 1;
      limits.failed(address);
    }
    return admitted;
  };
  const call = (address: string, times: number) => {
    let admitted = 0;
    for (let count = 0; count < times; count += 1)
      if (limits.admit(address).kind === "admitted") admitted += 1;
    return admitted;
  };
  return { clock, limits, forge, call };
}

describe("wrong signatures from one address", () => {
  it("are looked at 50 times, and once a second from then on", async () => {
    const { clock, limits, forge } = open();
    expect(forge(STRANGER, 1_000)).toBe(FAILURES.burst);
    expect(limits.admit(STRANGER)).toEqual({ kind: "limited", waitSeconds: 1 });
    await clock.advance(10_000);
    expect(forge(STRANGER, 1_000)).toBe(10);
  });

  it("limit nobody else, and all addresses of one IPv6 network together", () => {
    const { limits, forge } = open();
    forge(STRANGER, 1_000);
    expect(limits.admit(PADDLE).kind).toBe("admitted");
    expect(forge("2001:db8::1", 1_000)).toBe(50);
    expect(forge("2001:db8::ffff", 1_000)).toBe(0);
    expect(forge("2001:db8:0:1::1", 1)).toBe(1);
  });

  it("never limit an address from inside, behind which is everybody's proxy", () => {
    const { forge } = open();
    for (const inside of ["127.0.0.1", "10.0.0.1", "fd00::1"]) expect(forge(inside, 1_000)).toBe(1_000);
  });
});

describe("whoever sent a webhook with a good signature", () => {
  it("is not limited for a day: a storm of retries passes", async () => {
    const { clock, limits, call } = open();
    expect(call(PADDLE, 10)).toBe(10);
    limits.proved(PADDLE);
    expect(call(PADDLE, 100_000)).toBe(100_000);
    await clock.advance(86_399_999);
    expect(call(PADDLE, 5_000)).toBe(5_000);
    await clock.advance(1);
    expect(call(PADDLE, 5_000)).toBe(ALL.burst);
  });

  it("is not shut out by others who forge from the same address", () => {
    const { limits, forge } = open();
    limits.proved("203.0.113.7");
    expect(forge("203.0.113.7", 10_000)).toBe(10_000);
  });

  it("passes a storm even before its first answer: 1,000 at once", () => {
    expect(open().call(PADDLE, 5_000)).toBe(1_000);
  });
});

describe("memory", () => {
  it("is bounded: of 12,000 addresses, those that were longest untouched are forgotten", () => {
    const { forge, limits } = open();
    const address = (at: number) => `2001:db8:${(at >> 8).toString(16)}:${(at & 255).toString(16)}::1`;
    forge(address(0), 50);
    expect(limits.admit(address(0)).kind).toBe("limited");
    for (let at = 1; at < 12_000; at += 1) forge(address(at), 1);
    expect(limits.admit(address(0)).kind).toBe("admitted");
    expect(forge(address(11_999), 1_000)).toBe(FAILURES.burst - 1);
  });

  it("is bounded for those who proved themselves, too", () => {
    const { forge, limits } = open();
    for (let at = 0; at <= 1_000; at += 1) limits.proved(`2001:db8:0:${at.toString(16)}::1`);
    expect(forge("2001:db8:0:0::1", 1_000)).toBe(FAILURES.burst);
    expect(forge("2001:db8:0:1::1", 1_000)).toBe(1_000);
  });
});
