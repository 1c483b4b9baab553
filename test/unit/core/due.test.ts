/** When the sweep rotates a key by its policies. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueAt, type DueInput } from "../../../src/core/due.ts";
import { isInside, WEEKDAYS, type Window } from "../../../src/core/window.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = Date.parse("2026-06-01T12:00:00Z");
const SATURDAYS: Window = { days: ["sat"], from: 120, to: 240, timeZone: "UTC" };
const SATURDAY_2AM = Date.parse("2026-06-06T02:00:00Z");

type Given = Partial<DueInput["policy"]> & Partial<Omit<DueInput, "policy">>;

function due({
  everyMs = null,
  renewBeforeMs = 7 * DAY,
  jitterMs = 0,
  window = null,
  issuedAt = MONDAY,
  expiresAt = null,
  keyId = "apikey_01",
  ...more
}: Given) {
  return dueAt({
    policy: { everyMs, renewBeforeMs, jitterMs, window },
    issuedAt,
    expiresAt,
    keyId,
    ...more,
  });
}

describe("a secret is due", () => {
  it("never, without an age to rotate at and without an expiry", () => {
    expect(due({})).toBeNull();
  });

  it("at its age, also if the key never expires", () => {
    expect(due({ everyMs: 60 * DAY })).toEqual({ at: MONDAY + 60 * DAY, because: "age", forced: false });
  });

  it("before the key expires, also if no webhook says so", () => {
    expect(due({ expiresAt: MONDAY + 90 * DAY })).toEqual({
      at: MONDAY + 83 * DAY,
      because: "expiry",
      forced: false,
    });
  });

  it.each([
    [82 * DAY, 82 * DAY, "age"],
    [83 * DAY - 1, 83 * DAY - 1, "age"],
    [83 * DAY, 83 * DAY, "expiry"],
    [84 * DAY, 83 * DAY, "expiry"],
  ])("at the earlier of the two: every %i, at %i, because of %s", (everyMs, after, because) => {
    expect(due({ everyMs, expiresAt: MONDAY + 90 * DAY })).toMatchObject({ at: MONDAY + after, because });
  });

  it("at its age since it was first seen, if a person put it there", () => {
    const seen = { everyMs: 60 * DAY, issuedAt: null, firstSeenAt: MONDAY + DAY };
    expect(due(seen)?.at).toBe(MONDAY + 61 * DAY);
    expect(due({ ...seen, issuedAt: MONDAY })?.at).toBe(MONDAY + 60 * DAY);
    expect(due({ everyMs: 60 * DAY, issuedAt: null })).toBeNull();
  });
});

describe("jitter", () => {
  const jittered = (keyId: string) => (due({ everyMs: 60 * DAY, jitterMs: DAY, keyId })?.at ?? 0) - MONDAY;

  it("is the same for a key whenever and wherever it is asked", () => {
    expect(jittered("apikey_01")).toBe(jittered("apikey_01"));
    // A new version of the rotator must not shift every key of a customer: this number is kept.
    expect(jittered("apikey_01") - 60 * DAY).toBe(67_817_495);
  });

  it("spreads many keys over its whole length, each later than its age and by less than the length", () => {
    const shifts = Array.from({ length: 1000 }, (_, index) => jittered(`apikey_${index}`) - 60 * DAY);
    expect(shifts.every((shift) => Number.isInteger(shift) && shift >= 0 && shift < DAY)).toBe(true);
    for (let quarter = 0; quarter < 4; quarter++) {
      const inside = shifts.filter((shift) => Math.floor((shift * 4) / DAY) === quarter);
      expect(inside.length).toBeGreaterThan(180);
    }
  });

  it("shifts nothing past the moment that the expiry allows, and never that moment itself", () => {
    for (let index = 0; index < 50; index++) {
      const keyId = `apikey_${index}`;
      const expiresAt = MONDAY + 60 * DAY + 7 * DAY + HOUR;
      const at = due({ everyMs: 60 * DAY, jitterMs: 15 * DAY, expiresAt, keyId })?.at ?? Infinity;
      expect(at).toBeLessThanOrEqual(MONDAY + 60 * DAY + HOUR);
      expect(due({ jitterMs: 7 * DAY, expiresAt, keyId })?.at).toBe(expiresAt - 7 * DAY);
    }
  });
});

describe("a window", () => {
  const window = SATURDAYS;

  it("delays a rotation to its next opening", () => {
    expect(due({ everyMs: DAY, window })).toEqual({ at: SATURDAY_2AM, because: "age", forced: false });
    const expiresAt = MONDAY + 7 * DAY;
    expect(due({ expiresAt, window })).toEqual({ at: SATURDAY_2AM, because: "expiry", forced: false });
  });

  it("delays nothing that falls due inside it", () => {
    const everyMs = SATURDAY_2AM + HOUR - MONDAY;
    expect(due({ everyMs, window })).toEqual({ at: SATURDAY_2AM + HOUR, because: "age", forced: false });
  });

  it.each([
    ["a day and a millisecond", DAY + 1, SATURDAY_2AM, false],
    ["a day", DAY, MONDAY, true],
  ])("that would leave %s before the expiry", (_, left, at, forced) => {
    const expiresAt = SATURDAY_2AM + left;
    const renewBeforeMs = expiresAt - MONDAY;
    expect(due({ expiresAt, renewBeforeMs, window })).toEqual({ at, because: "expiry", forced });
  });

  it.each([
    ["more than half of it", 3 * HOUR + 1, 6 * HOUR + 2, false],
    ["half of it", 3 * HOUR, 6 * HOUR, true],
  ])("that would leave, of a renewBefore under two days, %s", (_, left, renewBeforeMs, forced) => {
    const expiresAt = SATURDAY_2AM + (forced ? left : left + 1);
    expect(due({ expiresAt, renewBeforeMs, window })?.forced).toBe(forced);
  });

  it("does not hold up by its age what would then come too late for the expiry", () => {
    const given = { everyMs: DAY, expiresAt: SATURDAY_2AM + DAY, renewBeforeMs: 2 * DAY, window };
    expect(due(given)).toEqual({ at: MONDAY + DAY, because: "age", forced: true });
  });

  it("that was missed is waited for again, and is not made up for outside", () => {
    const missed = { everyMs: DAY, window, notBefore: SATURDAY_2AM + 2 * HOUR };
    expect(due(missed)).toEqual({ at: SATURDAY_2AM + 7 * DAY, because: "age", forced: false });
    expect(due({ ...missed, notBefore: SATURDAY_2AM + 2 * HOUR - 1 })).toMatchObject({
      at: SATURDAY_2AM + 2 * HOUR - 1,
      forced: false,
    });
  });

  it("that was missed for the last time before the expiry is not waited for", () => {
    const given = { expiresAt: MONDAY + 7 * DAY, window, notBefore: SATURDAY_2AM + 2 * HOUR };
    expect(due(given)).toEqual({ at: MONDAY, because: "expiry", forced: true });
  });

  it("that is open in the last hours is no exception to report", () => {
    const given = { expiresAt: SATURDAY_2AM + 3 * HOUR, window, notBefore: SATURDAY_2AM + HOUR };
    expect(due(given)).toMatchObject({ at: SATURDAY_2AM + HOUR, forced: false });
  });
});

describe("whatever the policies", () => {
  const input = fc.record({
    policy: fc.record({
      everyMs: fc.option(fc.integer({ min: HOUR, max: 400 * DAY })),
      renewBeforeMs: fc.integer({ min: HOUR, max: 60 * DAY }),
      jitterMs: fc.integer({ min: 0, max: 7 * DAY }),
      window: fc.option(
        fc.record({
          days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
          from: fc.integer({ min: 0, max: 700 }),
          to: fc.integer({ min: 701, max: 1439 }),
          timeZone: fc.constantFrom("UTC", "Europe/London", "America/New_York"),
        }),
      ),
    }),
    issuedAt: fc.option(fc.integer({ min: MONDAY, max: MONDAY + 30 * DAY })),
    firstSeenAt: fc.option(fc.constant(MONDAY), { nil: undefined }),
    expiresAt: fc.option(fc.integer({ min: MONDAY, max: MONDAY + 400 * DAY })),
    keyId: fc.string(),
    notBefore: fc.option(fc.integer({ min: MONDAY, max: MONDAY + 400 * DAY }), { nil: undefined }),
  });

  it("a rotation is inside the window or forced, and forced only ahead of an expiry", () => {
    fc.assert(
      fc.property(input, (given) => {
        const result = dueAt(given);
        if (!result || !given.policy.window) return;
        expect(result.forced || isInside(given.policy.window, result.at)).toBe(true);
        if (result.forced) expect(given.expiresAt).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it("a key that expires is rotated before it does, unless the caller came too late", () => {
    fc.assert(
      fc.property(input, (given) => {
        const result = dueAt({ ...given, notBefore: undefined });
        if (given.expiresAt !== null) expect(result?.at).toBeLessThan(given.expiresAt);
      }),
      { numRuns: 500 },
    );
  });
});
