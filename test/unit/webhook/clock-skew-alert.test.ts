import { describe, expect, it } from "vitest";
import { clockSkew } from "../../../src/webhook/clock-skew-alert.ts";

const HOUR = Date.UTC(2026, 10, 21, 5);

describe("the alert about a clock that is off", () => {
  it("says by how much, in which direction, and what to do", () => {
    const alert = clockSkew(42_300, 5_000, HOUR);
    expect(alert).toMatchObject({ kind: "clock-skew", severity: "critical", keyId: null, raisedAt: HOUR });
    expect(alert.happened).toContain("its timestamp is 42.3 s behind this machine's clock");
    expect(alert.happened).toContain("5 s are tolerated");
    expect(alert.action).toContain("NTP");
    expect(clockSkew(-61_000, 5_000, HOUR).happened).toContain("61 s ahead of this machine's clock");
  });

  it("is the same incident until the hour ends, and another one in the next hour", () => {
    const last = HOUR + 3_599_999;
    expect(clockSkew(9_000, 5_000, last).id).toBe(clockSkew(-42_000, 5_000, HOUR).id);
    expect(clockSkew(9_000, 5_000, last + 1).id).not.toBe(clockSkew(9_000, 5_000, last).id);
  });

  it("has an id that any queue and channel takes", () => {
    expect(clockSkew(9_000, 5_000, HOUR).id).toMatch(/^[A-Za-z\d_.-]+$/);
  });
});
