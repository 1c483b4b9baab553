import { describe, expect, it } from "vitest";
import { FakeClock } from "../../support/fake-clock.ts";

describe("the fake clock", () => {
  it("moves only when told", async () => {
    const clock = new FakeClock(1_000);
    await clock.advance(500);
    expect(clock.now()).toBe(1_500);
  });

  it("wakes sleepers in the order of their times, each at its own time, however they were added", async () => {
    const clock = new FakeClock(0);
    const woken: string[] = [];
    for (const [name, ms] of [["late", 30] as const, ["early", 10] as const, ["early too", 10] as const])
      void clock.sleep(ms).then(() => woken.push(`${name} ${clock.now()}`));
    await clock.advance(29);
    expect(woken).toEqual(["early 10", "early too 10"]);
    await clock.advance(1);
    expect(woken).toEqual(["early 10", "early too 10", "late 30"]);
  });

  it("wakes a sleeper that falls asleep again on the way, as often as the time allows", async () => {
    const clock = new FakeClock(0);
    const ticks: number[] = [];
    void (async () => {
      for (;;) {
        await clock.sleep(10);
        ticks.push(clock.now());
      }
    })();
    await clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
    expect(clock.nextWakeAt).toBe(40);
  });

  it("lets an aborted sleeper go with the signal's reason, and forgets it", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow("enough");
    expect(clock.sleeping).toBe(0);
  });

  it("tells when somebody has gone to sleep", async () => {
    const clock = new FakeClock();
    const asleep = clock.untilSleeping(2);
    void clock.sleep(1);
    void clock.sleep(1);
    await asleep;
    expect(clock.sleeping).toBe(2);
  });
});
