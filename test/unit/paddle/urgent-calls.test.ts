/** A part of our share of Paddle's rate limit is kept for emergencies. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Budget } from "../../../src/paddle/budget.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { never, waitingRoom } from "./waiting-room.ts";

describe("urgent calls", () => {
  it("go at once, though a thousand ordinary ones wait", async () => {
    const { clock, ask, askUrgently, granted } = waitingRoom(60);
    for (let count = 0; count < 1_000; count += 1) ask("ordinary");
    await clock.advance(1_000);
    expect(granted).toEqual(Array.from({ length: 55 }, () => "ordinary at 0"));
    for (let count = 0; count < 5; count += 1) askUrgently("urgent");
    await clock.advance(0);
    expect(granted.slice(55)).toEqual(Array.from({ length: 5 }, () => "urgent at 1000"));
  });

  it("that find even the reserve used up go first as soon as there is room", async () => {
    const { clock, ask, askUrgently, granted } = waitingRoom(12);
    for (let count = 0; count < 12; count += 1) ask("ordinary", 600_000);
    askUrgently("u");
    await clock.advance(30_000);
    askUrgently("v");
    askUrgently("w");
    await clock.advance(30_000);
    expect(granted.slice(11)).toEqual(["u at 0", "v at 60000", "w at 60000", "ordinary at 60000"]);
  });

  it("go first when Paddle's silence ends", async () => {
    const { clock, budget, ask, askUrgently, granted } = waitingRoom(4);
    budget.fallSilent(30_000);
    ask("a");
    ask("b");
    await clock.advance(10_000);
    askUrgently("u");
    await clock.advance(20_000);
    expect(granted).toEqual(["u at 30000", "a at 30000", "b at 30000"]);
  });

  it("do not make an ordinary call wait longer than it would", async () => {
    const { clock, ask, askUrgently, granted } = waitingRoom(2);
    ask("a");
    ask("b");
    ask("c", 90_000);
    await clock.advance(30_000);
    for (const name of ["u", "v", "w"]) askUrgently(name, 600_000);
    await clock.advance(60_000);
    expect(granted).toEqual(["a at 0", "b at 0", "u at 60000", "v at 60000", "c refused at 60000"]);
  });

  it.each([
    [1, 1],
    [11, 11],
    [12, 11],
    [60, 55],
    [240, 220],
  ])(
    "have the rest of a share of %i to themselves once ordinary ones have sent %i",
    async (share, ordinary) => {
      const { clock, ask, granted } = waitingRoom(share);
      for (let count = 0; count < share + 1; count += 1) ask("a");
      await clock.advance(59_999);
      expect(granted).toHaveLength(ordinary);
    },
  );

  it("that give up at the moment of their answer take nobody else's place", async () => {
    const { clock, budget, ask, granted } = waitingRoom(1);
    const controller = new AbortController();
    const leave = budget.take(60_000, controller.signal);
    ask("next");
    controller.abort();
    expect(await leave).toBe(true);
    await clock.advance(60_000);
    expect(granted).toEqual(["next at 60000"]);
  });

  it("never make the total exceed the share, and never wait while there is room in it", async () => {
    const step = fc.record({ afterMs: fc.integer({ min: 0, max: 30_000 }), isUrgent: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, share) => {
          const clock = new FakeClock(0);
          const budget = new Budget(clock, share);
          const sends: { isUrgent: boolean; askedAt: number; at: number }[] = [];
          const lastMinute = (at: number) =>
            sends.filter((sent) => sent.at > at - 60_000 && sent.at <= at).length;
          for (const { afterMs, isUrgent } of steps) {
            await clock.advance(afterMs);
            const askedAt = clock.now();
            const leave = budget.take(10_000_000, never, isUrgent ? "urgent" : "ordinary");
            void leave.then(() => sends.push({ isUrgent, askedAt, at: clock.now() }));
          }
          await clock.advance(10_000_000);
          expect(sends).toHaveLength(steps.length);
          for (const { at } of sends) expect(lastMinute(at)).toBeLessThanOrEqual(share);
          for (const { isUrgent, askedAt, at } of sends)
            if (isUrgent && at > askedAt) expect(lastMinute(at - 1)).toBe(share);
        },
      ),
      { numRuns: 50 },
    );
  });
});
