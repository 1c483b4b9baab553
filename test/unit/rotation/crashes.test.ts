/**
 * The engine is killed before and after each of its effects, loses the answer of each of Paddle's calls, and runs
 * twice at the same time, stopped at every pair of effects. Every time it must end with one activated rotation.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { EFFECTS } from "../../support/engine/effects.ts";
import type { Outcome } from "../../../src/core/work.ts";
import {
  type Accident,
  accidentGate,
  countingGate,
  openGate,
  pausingGate,
} from "../../support/engine/gates.ts";
import { World, type WorldOptions } from "../../support/engine/world.ts";

function expectRotatedOnce(world: World, outcome: Outcome): void {
  expect(world.broken).toEqual([]);
  expect(outcome).toMatchObject({ kind: "done" });
  expect(world.activations).toBe(1);
  const { active, old, pending } = world.store.slots;
  expect({ old, pending }).toEqual({ old: null, pending: null });
  expect(active?.secret.reveal()).not.toBe(world.firstSecret);
  expect(world.isAlive(active?.secret)).toBe(true);
}

describe("a graceful rotation", () => {
  it("asks Paddle four times and writes the store three times when nothing fails", async () => {
    const world = new World();
    const gate = countingGate();
    const outcome = await world.runToEnd(world.intent("expiring", "evt_1"), gate);
    expect(gate.passed).toEqual(EFFECTS);
    expect(gate.passed.filter((effect) => effect.startsWith("paddle."))).toHaveLength(4);
    expect(outcome).toMatchObject({ result: "rotated" });
    expectRotatedOnce(world, outcome);
    expect(world.alerts).toEqual([]);
  });

  const accidents: Accident[] = ["dies before", "dies after", "loses the answer of"];
  const cells = accidents.flatMap((accident) =>
    EFFECTS.map((effect, index) => ({ accident, effect, index })),
  );
  it.each(cells)(
    "ends well when the process $accident effect $index, $effect",
    async ({ accident, index }) => {
      const world = new World();
      const outcome = await world.runToEnd(world.intent("expiring", "evt_1"), accidentGate(index, accident));
      expectRotatedOnce(world, outcome);
    },
  );

  it.each(cells)(
    "with a grace of 0, ends well when the process $accident effect $index, $effect",
    async (cell) => {
      const world = new World({ graceSeconds: 0 });
      const outcome = await world.runToEnd(
        world.intent("manual", "evt_1"),
        accidentGate(cell.index, cell.accident),
      );
      expectRotatedOnce(world, outcome);
    },
  );
});

describe("two workers on one job", () => {
  const beforeWait = EFFECTS.indexOf("queue.wait") + 1;
  const pairs = Array.from({ length: beforeWait }, (_, first) =>
    Array.from({ length: EFFECTS.length }, (__, second) => ({ first, second })),
  ).flat();

  it.each(pairs)(
    "end with one activated rotation when one stops before effect $first while the other gets to $second",
    async ({ first, second }) => {
      const world = new World();
      const work = world.intent("expiring", "evt_1");
      const [early, late] = [pausingGate(first), pausingGate(second)];
      const earlyEnd = world.run(work, early);
      await Promise.race([early.paused, earlyEnd]);
      const lateEnd = world.run(work, late);
      await Promise.race([late.paused, lateEnd]);
      early.resume();
      await earlyEnd;
      late.resume();
      await lateEnd;
      expectRotatedOnce(world, await world.runToEnd(work));
    },
  );

  it("stop as soon as they no longer hold the job", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    let confirms = 0;
    const losesItLater = () => (confirms += 1) <= 1;
    await expect(world.run(work, openGate, losesItLater)).rejects.toThrow("no longer holds the job");
    expect(world.account.keys.get(world.keyId)?.rotations).toEqual([]);
    expectRotatedOnce(world, await world.runToEnd(work));
  });
});

describe("two intents", () => {
  let world: World;
  beforeAll(async () => {
    world = new World();
    const first = world.intent("expiring", "evt_1");
    const second = world.intent("expiring", "evt_2");
    await world.runToEnd(first);
    expect(await world.runToEnd(second)).toMatchObject({ kind: "done", result: "met-already" });
  });

  it("inside one grace share one rotation", () => {
    expect(world.activations).toBe(1);
    expect(world.broken).toEqual([]);
  });
});

describe("what Paddle's documentation leaves open", () => {
  const switches: [string, WorldOptions][] = [
    ["no times in a rotation", { switches: { rotationTimes: false } }],
    ["old secrets end when the next rotation is asked for", { switches: { oldSecrets: "end-at-post" } }],
    ["old secrets end when the next rotation completes", { switches: { oldSecrets: "end-at-completion" } }],
    ["a refused new expiry", { switches: { newExpiry: "refuse" } }],
    ["a cancelled secret that still authenticates", { switches: { canceledSecret: "accepted" } }],
  ];
  it.each(switches)("changes nothing for the end: %s", async (_open, options) => {
    const world = new World(options);
    expectRotatedOnce(world, await world.runToEnd(world.intent("manual", "manual-1")));
  });
});
