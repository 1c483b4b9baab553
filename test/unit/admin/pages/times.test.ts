import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countdown, duration, relative, utc } from "../../../../src/http/admin/pages/times.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATIONS: readonly (readonly [ms: number, text: string])[] = [
  [0, "0 s"],
  [999, "0 s"],
  [45 * SECOND, "45 s"],
  [MINUTE, "1 min"],
  [12 * MINUTE + 59 * SECOND, "12 min"],
  [6 * HOUR + 12 * MINUTE, "6 h 12 min"],
  [6 * HOUR, "6 h"],
  [2 * DAY + 3 * HOUR, "2 d 3 h"],
  [10 * DAY - 1, "9 d 23 h"],
  [10 * DAY + 23 * HOUR, "10 d"],
];

const COUNTDOWNS: readonly (readonly [ms: number, text: string])[] = [
  [-1, "over"],
  [0, "over"],
  [1, "1 s"],
  [59 * SECOND, "59 s"],
  [61 * SECOND, "1 min 01 s"],
  [23 * HOUR + 14 * MINUTE + 9 * SECOND, "23 h 14 min 09 s"],
  [24 * HOUR, "1 d 00 h 00 min"],
  [50 * HOUR + 5 * MINUTE, "2 d 02 h 05 min"],
];

describe("times on pages", () => {
  it.each(DURATIONS)("says %i ms as %s", (ms, text) => expect(duration(ms)).toBe(text));

  it.each(COUNTDOWNS)("counts %i ms down as %s", (ms, text) => expect(countdown(ms, 0)).toBe(text));

  it("says how far off something is, in both directions", () => {
    expect(relative(6 * HOUR + 12 * MINUTE, 0)).toBe("in 6 h 12 min");
    expect(relative(-9 * DAY, 0)).toBe("9 d ago");
    expect(relative(999, 0)).toBe("now");
  });

  it("names the moment in UTC", () => {
    expect(utc(Date.UTC(2026, 10, 21, 12, 0, 59))).toBe("2026-11-21 12:00 UTC");
  });
});

describe("the script that lets them go on", () => {
  const script = readFileSync(
    new URL("../../../../src/http/admin/pages/assets/live.js", import.meta.url),
    "utf8",
  );
  /** Its functions, cut out of it: it runs in a browser only. */
  const functions = script.slice(script.indexOf("/** As `duration`"), script.indexOf("function tick()"));
  const spoken = (name: string, at: number): string => {
    const body = `const [SECOND, MINUTE, HOUR, DAY] = [${SECOND}, ${MINUTE}, ${HOUR}, ${DAY}]; const now = () => 0; ${functions}; return ${name}(${at})`;
    // oxlint-disable-next-line typescript/no-implied-eval -- our own script, as a browser would run it
    return String(new Function(body)());
  };

  it("says the same as the server", () => {
    for (const [ms, text] of DURATIONS) expect(spoken("duration", ms)).toBe(text);
    for (const [ms, text] of COUNTDOWNS) expect(spoken("countdown", ms)).toBe(text);
    for (const at of [0, 5 * MINUTE, -3 * DAY, 999]) expect(spoken("relative", at)).toBe(relative(at, 0));
  });
});
