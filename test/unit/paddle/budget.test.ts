import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Budget, nextSlotAt } from "../../../src/paddle/budget.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { never, waitingRoom } from "./waiting-room.ts";

describe("the next slot", () => {
  it("is now while fewer than the limit were sent in the last minute", () => {
    expect(nextSlotAt({ sentAt: [900, 950], silence: null }, 1_000, 3)).toBe(1_000);
  });

  it.each([
    ["59.999 s after the oldest of a full minute", 60_999, 61_000],
    ["60 s after it", 61_000, 61_000],
  ])("waits for room: %s", (_when, now, slotAt) => {
    expect(nextSlotAt({ sentAt: [1_000, 2_000, 3_000], silence: null }, now, 3)).toBe(slotAt);
  });

  it("waits for Paddle's silence to end even where there is room", () => {
    const silence = { from: 1_000, until: 31_000 };
    expect(nextSlotAt({ sentAt: [], silence }, 30_999, 3)).toBe(31_000);
    expect(nextSlotAt({ sentAt: [], silence }, 31_000, 3)).toBe(31_000);
  });

  it("waits for the later of room and silence", () => {
    expect(nextSlotAt({ sentAt: [1_000], silence: { from: 1_000, until: 5_000 } }, 2_000, 1)).toBe(61_000);
    expect(nextSlotAt({ sentAt: [1_000], silence: { from: 1_000, until: 90_000 } }, 2_000, 1)).toBe(90_000);
  });

  it("does not wait for what a clock set back an hour left in the future", () => {
    const hour = 3_600_000;
    const history = { sentAt: [hour, hour], silence: { from: hour, until: hour + 60_000 } };
    expect(nextSlotAt(history, 5_000, 2)).toBe(5_000);
  });

  it("never lets more through in any minute than the limit, and never waits without need", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (pauses, perMinute) => {
        const sentAt: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          const at = nextSlotAt({ sentAt, silence: null }, now, perMinute);
          const inLastMinute = (time: number) => sentAt.filter((sent) => sent > time - 60_000).length;
          expect(inLastMinute(at)).toBeLessThan(perMinute);
          if (at > now) expect(inLastMinute(at - 1)).toBe(perMinute);
          sentAt.push(at);
          now = at;
        }
      }),
    );
  });
});

describe("the budget", () => {
  it("lets a full share through at once and the next one a minute after the first", async () => {
    const { clock, ask, granted } = waitingRoom(2);
    ask("a");
    ask("b");
    ask("c");
    await clock.advance(59_999);
    expect(granted).toEqual(["a at 0", "b at 0"]);
    await clock.advance(1);
    expect(granted).toEqual(["a at 0", "b at 0", "c at 60000"]);
  });

  it("serves those who wait in the order in which they came", async () => {
    const { clock, ask, granted } = waitingRoom(1);
    for (const name of ["a", "b", "c", "d"]) ask(name, 600_000);
    await clock.advance(180_000);
    expect(granted).toEqual(["a at 0", "b at 60000", "c at 120000", "d at 180000"]);
  });

  it("holds back even those who wait already when Paddle asks for silence", async () => {
    const { clock, budget, ask, granted } = waitingRoom(1);
    ask("a");
    ask("b", 120_000);
    await clock.advance(59_000);
    budget.fallSilent(30_000);
    await clock.advance(29_999);
    expect(granted).toEqual(["a at 0"]);
    await clock.advance(1);
    expect(granted).toEqual(["a at 0", "b at 89000"]);
  });

  it("keeps the longer of two silences", async () => {
    const { clock, budget } = waitingRoom(1);
    budget.fallSilent(30_000);
    await clock.advance(1_000);
    budget.fallSilent(5_000);
    await clock.advance(28_999);
    expect(budget.silent).toBe(true);
    await clock.advance(1);
    expect(budget.silent).toBe(false);
  });

  it.each([
    ["exactly when the wait may end: yes", 60_000, "b at 60000"],
    ["a millisecond later: no, and says so at once", 59_999, "b refused at 0"],
  ])("grants a slot that comes %s", async (_when, maxWaitMs, outcome) => {
    const { clock, ask, granted } = waitingRoom(1);
    ask("a");
    ask("b", maxWaitMs);
    await clock.advance(60_000);
    expect(granted).toEqual(["a at 0", outcome]);
  });

  it("refuses by the end of its wait whoever a silence makes wait in vain, and serves who can wait longer", async () => {
    const { clock, budget, ask, granted } = waitingRoom(1);
    ask("a");
    ask("hasty", 60_000);
    ask("patient", 200_000);
    await clock.advance(0);
    budget.fallSilent(100_000);
    await clock.advance(100_000);
    expect(granted).toEqual(["a at 0", "hasty refused at 60000", "patient at 100000"]);
  });

  it("lets the next one move up when one that waits gives up", async () => {
    const { clock, ask, granted } = waitingRoom(1);
    const controller = new AbortController();
    ask("a");
    ask("first", 60_000, controller.signal);
    ask("second", 60_000, controller.signal);
    ask("third");
    await clock.advance(10_000);
    controller.abort();
    await clock.advance(0);
    expect(granted).toEqual(["a at 0", "first aborted at 10000", "second aborted at 10000"]);
    await clock.advance(50_000);
    expect(granted.at(-1)).toBe("third at 60000");
    expect(clock.sleeping).toBe(0);
  });

  it("keeps the order when one in the middle gives up during a silence", async () => {
    const { clock, budget, ask, granted } = waitingRoom(1);
    const controller = new AbortController();
    ask("a");
    ask("first", 600_000);
    ask("middle", 600_000, controller.signal);
    ask("last", 600_000);
    await clock.advance(10_000);
    budget.fallSilent(60_000);
    controller.abort();
    await clock.advance(120_000);
    expect(granted).toEqual(["a at 0", "middle aborted at 10000", "first at 70000", "last at 130000"]);
  });

  it("gives nothing to somebody who had given up before asking, and loses no slot over it", async () => {
    const { clock, ask, granted } = waitingRoom(1);
    ask("late", 60_000, AbortSignal.abort());
    ask("next");
    await clock.advance(0);
    expect(granted).toEqual(["late aborted at 0", "next at 0"]);
  });

  it("keeps the order and the limit whatever the arrivals and silences", async () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 30_000 }),
      silenceMs: fc.option(fc.integer({ min: 1_000, max: 20_000 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, limit) => {
          const clock = new FakeClock(0);
          const budget = new Budget(clock, limit);
          // What was let through in the very millisecond before a silence began did not break it.
          const sends: { index: number; at: number; silencesBefore: number }[] = [];
          const silences: { from: number; until: number }[] = [];
          for (const [index, { afterMs, silenceMs }] of steps.entries()) {
            await clock.advance(afterMs);
            if (silenceMs !== null) {
              budget.fallSilent(silenceMs);
              silences.push({ from: clock.now(), until: clock.now() + silenceMs });
            }
            const sent = () => sends.push({ index, at: clock.now(), silencesBefore: silences.length });
            void budget.take(10_000_000, never).then(sent);
          }
          await clock.advance(10_000_000);
          expect(sends.map(({ index }) => index)).toEqual(steps.map((_step, index) => index));
          for (const { at, silencesBefore } of sends) {
            const known = silences.slice(0, silencesBefore);
            expect(
              sends.filter((other) => other.at <= at && other.at > at - 60_000).length,
            ).toBeLessThanOrEqual(limit);
            expect(known.some(({ from, until }) => from <= at && at < until)).toBe(false);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
