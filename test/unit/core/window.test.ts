/** When a window is open, on usual days and on those on which the clocks change. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInside, nextOpening, WEEKDAYS, type Window } from "../../../src/core/window.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `window("sat sun 22:00-02:00 Europe/London")`; `daily` for all days. */
function window(text: string): Window {
  const words = text.split(" ");
  const [timeZone = "", times = ""] = words.toReversed();
  const [from = 0, to = 0] = times
    .split("-")
    .map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  const days = words[0] === "daily" ? WEEKDAYS : WEEKDAYS.filter((day) => words.slice(0, -2).includes(day));
  return { days, from, to, timeZone };
}

const at = (iso: string) => Date.parse(iso);
const opening = (text: string, from: string) => new Date(nextOpening(window(text), at(from))).toISOString();

describe("a window", () => {
  it.each([
    ["2026-06-06T00:59:59.999Z", false],
    ["2026-06-06T01:00:00.000Z", true],
    ["2026-06-06T02:59:59.999Z", true],
    ["2026-06-06T03:00:00.000Z", false],
    ["2026-06-07T01:00:00.000Z", false],
  ])("of Saturday, 02:00 to 04:00 in London, at %s: %s", (moment, inside) => {
    expect(isInside(window("sat 02:00-04:00 Europe/London"), at(moment))).toBe(inside);
  });

  it.each([
    ["2026-06-05T23:30:00.000Z", false], // Saturday 00:30 in London: Friday's window is not wanted.
    ["2026-06-06T20:59:59.999Z", false],
    ["2026-06-06T21:00:00.000Z", true],
    ["2026-06-07T00:59:59.999Z", true], // Sunday 01:59: the window of Saturday is still open.
    ["2026-06-07T01:00:00.000Z", false],
    ["2026-06-07T21:00:00.000Z", false],
  ])("that opens on Saturday and closes after midnight, at %s: %s", (moment, inside) => {
    expect(isInside(window("sat 22:00-02:00 Europe/London"), at(moment))).toBe(inside);
  });

  it("may close at midnight", () => {
    const night = window("sun 23:00-00:00 UTC");
    expect(isInside(night, at("2026-06-07T23:59:59.999Z"))).toBe(true);
    expect(isInside(night, at("2026-06-08T00:00:00.000Z"))).toBe(false);
  });

  it("may be a minute long", () => {
    const minute = window("daily 03:17-03:18 UTC");
    expect(isInside(minute, at("2026-06-06T03:17:59.999Z"))).toBe(true);
    expect(isInside(minute, at("2026-06-06T03:18:00.000Z"))).toBe(false);
    expect(opening("daily 03:17-03:18 UTC", "2026-06-06T03:18:00Z")).toBe("2026-06-07T03:17:00.000Z");
  });

  it("that was just missed opens a week later", () => {
    expect(opening("sat 02:00-04:00 UTC", "2026-06-06T04:00:00Z")).toBe("2026-06-13T02:00:00.000Z");
  });

  it("is of the days of its zone, not of ours", () => {
    expect(opening("mon 00:00-01:00 Pacific/Kiritimati", "2026-06-06T00:00:00Z")).toBe(
      "2026-06-07T10:00:00.000Z",
    );
  });
});

describe("when the clocks go forward (London, Sunday 2026-03-29, 01:00 to 02:00 left out)", () => {
  it("a window keeps its local times before and after", () => {
    expect(opening("daily 04:00-05:00 Europe/London", "2026-03-28T00:00:00Z")).toBe(
      "2026-03-28T04:00:00.000Z",
    );
    expect(opening("daily 04:00-05:00 Europe/London", "2026-03-29T00:00:00Z")).toBe(
      "2026-03-29T03:00:00.000Z",
    );
  });

  it.each([
    ["wholly left out: it comes an hour later", "01:15-01:45", "01:15", "01:45"],
    ["left out at its start: it opens later", "01:30-03:00", "01:30", "02:00"],
    ["left out at its end: it is moved on too", "00:30-01:30", "00:30", "01:30"],
    ["left out but for its end: it keeps its length", "01:30-02:15", "01:30", "02:15"],
    ["left out but for the end of the gap", "01:30-02:00", "01:30", "02:00"],
    ["exactly what is left out: it comes an hour later", "01:00-02:00", "01:00", "02:00"],
  ])("a window is %s", (_, times, opens, closes) => {
    const only = `sun ${times} Europe/London`;
    expect(opening(only, "2026-03-28T00:00:00Z")).toBe(`2026-03-29T${opens}:00.000Z`);
    expect(isInside(window(only), at(`2026-03-29T${opens}:00Z`) - 1)).toBe(false);
    expect(isInside(window(only), at(`2026-03-29T${closes}:00Z`) - 1)).toBe(true);
    expect(isInside(window(only), at(`2026-03-29T${closes}:00Z`))).toBe(false);
  });

  it("a window over the night of the change is an hour shorter", () => {
    const night = window("sat 23:00-03:00 Europe/London");
    expect(isInside(night, at("2026-03-29T01:59:59.999Z"))).toBe(true);
    expect(isInside(night, at("2026-03-29T02:00:00.000Z"))).toBe(false);
  });
});

describe("when the clocks go back (London, Sunday 2026-10-25, 01:00 to 02:00 comes twice)", () => {
  it("a window inside the hour opens the first time only", () => {
    const twice = "sun 01:15-01:45 Europe/London";
    expect(opening(twice, "2026-10-25T00:00:00Z")).toBe("2026-10-25T00:15:00.000Z");
    expect(opening(twice, "2026-10-25T00:45:00Z")).toBe("2026-11-01T01:15:00.000Z");
  });

  it("a window that ends behind the hour is an hour longer", () => {
    const longer = window("sun 01:30-02:30 Europe/London");
    expect(isInside(longer, at("2026-10-25T00:30:00.000Z"))).toBe(true);
    expect(isInside(longer, at("2026-10-25T02:29:59.999Z"))).toBe(true);
    expect(isInside(longer, at("2026-10-25T02:30:00.000Z"))).toBe(false);
  });
});

describe("where a whole day is left out (Samoa, Friday 2011-12-30)", () => {
  it("a window of that day opens a day later, once", () => {
    expect(opening("fri 02:00-04:00 Pacific/Apia", "2011-12-29T22:00:00Z")).toBe("2011-12-30T12:00:00.000Z");
    expect(opening("fri 02:00-04:00 Pacific/Apia", "2011-12-30T14:00:00Z")).toBe("2012-01-05T12:00:00.000Z");
  });

  it("a window over the midnight before it stays open for its length", () => {
    const night = window("thu 22:00-02:00 Pacific/Apia");
    expect(isInside(night, at("2011-12-30T11:59:59.999Z"))).toBe(true);
    expect(isInside(night, at("2011-12-30T12:00:00.000Z"))).toBe(false);
  });
});

const ZONES = [
  "UTC",
  "Europe/London",
  "America/New_York",
  "Australia/Lord_Howe", // Half an hour of daylight saving.
  "Africa/Cairo", // The clocks change at midnight.
  "Asia/Kathmandu",
  "Pacific/Apia",
  "America/St_Johns",
];

const timesOfDay = fc.oneof(
  fc.integer({ min: 0, max: 1439 }),
  fc.integer({ min: 0, max: 14 }).map((quarters) => quarters * 15), // Where the clocks change.
);
const anyWindow = fc
  .record({
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    from: timesOfDay,
    to: timesOfDay,
    timeZone: fc.constantFrom(...ZONES),
  })
  .filter(({ from, to }) => from !== to);
const anyMoment = fc.integer({ min: at("2010-01-01T00:00:00Z"), max: at("2032-01-01T00:00:00Z") });

/** Half of the moments are within two days of a change of the clocks. */
const anyCase = fc
  .tuple(anyWindow, anyMoment, fc.option(fc.integer({ min: -2 * DAY, max: 2 * DAY })))
  .map(([given, moment, fromChange]) => {
    const change = Temporal.Instant.fromEpochMilliseconds(moment)
      .toZonedDateTimeISO(given.timeZone)
      .getTimeZoneTransition("next");
    const isNear = fromChange !== null && change !== null;
    return { given, from: isNear ? change.epochMilliseconds + fromChange : moment };
  });

describe("any window, in any zone, from any moment", () => {
  it("opens within 8 days, and not before the moment", () => {
    fc.assert(
      fc.property(anyCase, ({ given, from }) => {
        const next = nextOpening(given, from);
        expect(next).toBeGreaterThanOrEqual(from);
        expect(next - from).toBeLessThan(8 * DAY + HOUR);
        expect(isInside(given, next)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("has no opening that was passed over", () => {
    fc.assert(
      fc.property(anyCase, fc.double({ min: 0, max: 1, noNaN: true }), ({ given, from }, share) => {
        const next = nextOpening(given, from);
        const between = from + Math.floor((next - from) * share);
        expect(nextOpening(given, between)).toBe(next);
        if (next > from) expect(isInside(given, next - 1)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it("is open every week, for no longer than a day and an hour", () => {
    fc.assert(
      fc.property(anyCase, ({ given, from }) => {
        const opens = nextOpening({ ...given, days: ["wed"] }, from);
        expect(isInside({ ...given, days: ["wed"] }, opens + DAY + HOUR)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("is open exactly when the clock on the wall says so, on days without a change of the clocks", () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, (given, moment) => {
        fc.pre(!clocksChangeNear(given.timeZone, moment));
        expect(isInside(given, moment)).toBe(wallClockSays(given, moment));
      }),
      { numRuns: 1000 },
    );
  });
});

function clocksChangeNear(timeZone: string, moment: number): boolean {
  const before = Temporal.Instant.fromEpochMilliseconds(moment - 3 * DAY).toZonedDateTimeISO(timeZone);
  const next = before.getTimeZoneTransition("next");
  return next !== null && next.epochMilliseconds <= moment + 3 * DAY;
}

function wallClockSays({ days, from, to, timeZone }: Window, moment: number): boolean {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(moment);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
  const today = WEEKDAYS.findIndex((day) => day === part("weekday").toLowerCase());
  const minute = Number(part("hour")) * 60 + Number(part("minute"));
  const opensOn = (index: number) => days.some((day) => day === WEEKDAYS[(index + 7) % 7]);
  if (from < to) return opensOn(today) && minute >= from && minute < to;
  return (opensOn(today) && minute >= from) || (opensOn(today - 1) && minute < to);
}
