/** What the looks of a check add up to: one bad look is no failure, and silence is no evidence. */
import { describe, expect, it } from "vitest";
import { judgeChecks, type Look, looksToJudge } from "../../../src/rotation/checks.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const EVERY_MS = 30_000;
const probe = { everyMs: EVERY_MS, failsAfter: { looks: 3, lastingMs: 0 } };
const query = { everyMs: EVERY_MS, failsAfter: { looks: 1, lastingMs: 60_000 } };

const STATES = { g: "good", b: "bad", "?": "unknown" } as const;

/** Looks as a word, the newest first: `b` bad, `g` good, `?` unknown. */
function looks(word: string, apartMs = EVERY_MS): Look[] {
  return Array.from(word, (letter, index) => ({
    state: STATES[letter as keyof typeof STATES],
    at: NOW - index * apartMs,
  }));
}

describe("a check that fails after three bad looks", () => {
  it.each([
    ["", "unsure"],
    ["g", "good"],
    ["gbbb", "good"],
    ["?", "unsure"],
    ["b", "unsure"],
    ["bb", "unsure"],
    ["bbg", "unsure"],
    ["bbb", "bad"],
    ["bbbg", "bad"],
    ["bbbbbb", "bad"],
  ])("with the looks %j is %s", (word, verdict) => {
    expect(judgeChecks(looks(word), probe, NOW)).toBe(verdict);
  });

  it("begins to count anew where something could not be found out: that is no evidence", () => {
    expect(judgeChecks(looks("bb?bb"), probe, NOW)).toBe("unsure");
    expect(judgeChecks(looks("?bbb"), probe, NOW)).toBe("unsure");
  });

  it("begins to count anew after a time in which nobody looked", () => {
    const [newest, second, third] = looks("bbb");
    if (!newest || !second || !third) throw new Error("three looks");
    const late = (ms: number) => [newest, second, { ...third, at: second.at - EVERY_MS - ms }];
    expect(judgeChecks(late(60_000), probe, NOW)).toBe("bad");
    expect(judgeChecks(late(60_001), probe, NOW)).toBe("unsure");
  });

  it("is not judged by what was seen before a pause", () => {
    expect(judgeChecks(looks("bbb"), probe, NOW + EVERY_MS + 60_000)).toBe("bad");
    expect(judgeChecks(looks("bbb"), probe, NOW + EVERY_MS + 60_001)).toBe("unsure");
    expect(judgeChecks(looks("ggg"), probe, NOW + EVERY_MS + 60_001)).toBe("unsure");
  });

  it("counts two workers that look at once as one look", () => {
    const twice = looks("bb").flatMap((look) => [look, { ...look, at: look.at - 200 }]);
    expect(judgeChecks(twice, probe, NOW)).toBe("unsure");
    const thrice = looks("bbb").flatMap((look) => [look, { ...look, at: look.at - 200 }]);
    expect(judgeChecks(thrice, probe, NOW)).toBe("bad");
  });
});

describe("a check that fails after a minute", () => {
  it.each([
    ["bb", 59_999, "unsure"],
    ["bb", 60_000, "bad"],
    ["bbb", 29_999, "unsure"],
    ["bbb", 30_000, "bad"],
    ["b?b", 30_000, "unsure"],
    ["bgb", 30_000, "unsure"],
  ])("with the looks %j, %i ms apart, is %s", (word, apartMs, verdict) => {
    expect(judgeChecks(looks(word, apartMs), query, NOW)).toBe(verdict);
  });
});

describe("the looks that are read", () => {
  it.each([
    { everyMs: 5_000, failsAfter: { looks: 20, lastingMs: 0 } },
    { everyMs: 5_000, failsAfter: { looks: 1, lastingMs: 3_600_000 } },
    { everyMs: 600_000, failsAfter: { looks: 1, lastingMs: 60_000 } },
  ])("are enough to see a failure of %j, also where two workers looked", (check) => {
    const count = Math.max(check.failsAfter.looks, Math.ceil(check.failsAfter.lastingMs / check.everyMs) + 1);
    const all = looks("b".repeat(count), check.everyMs).flatMap((look) => [look, look]);
    expect(judgeChecks(all, check, NOW)).toBe("bad");
    expect(judgeChecks(all.slice(0, looksToJudge(check)), check, NOW)).toBe("bad");
  });
});
