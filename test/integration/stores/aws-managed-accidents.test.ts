/** Rotations that AWS makes, with every mishap at every effect of ours, and with AWS out of order at every call. */
import { describe, expect, it } from "vitest";
import { endOf, wrongIn } from "../../support/engine/ends.ts";
import { ManagedPlace } from "../../support/engine/managed-place.ts";
import { effectsOf, MISHAPS, playWith, type Scenario } from "../../support/engine/play.ts";
import { HOUR_MS, World } from "../../support/engine/world.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";
import { Refused } from "../../support/stores/aws-secret.ts";

const ROWS = [
  {
    name: "a graceful rotation",
    play: async (world) => void (await world.runToEnd(await world.asksForRotation())),
    end: {
      active: "new secret, living",
      left: ["old"],
      jobs: { "rotate (manual)": ["rotated"] },
      alerts: [],
    },
  },
  {
    name: "an exposure",
    play: async (world) => {
      const [work] = await world.exposed({ action: "none" });
      world.jobs.add(work);
      await world.runAll();
    },
    end: {
      active: "new secret, living",
      left: ["old"],
      jobs: { "revoke-first (exposed)": ["rotated"] },
      alerts: ["exposure-handled"],
    },
  },
] as const satisfies readonly Scenario[];

describe.each(ROWS)("$name by AWS", (scenario) => {
  it.each(MISHAPS)(
    "comes to its right end when a worker %s an effect, and is made once",
    async (mishap) => {
      const { effects } = await onFresh(scenario, effectsOf);
      expect(effects).toContain("platform.start");
      const wrong: string[] = [];
      for (const [index, effect] of effects.entries()) {
        const played = await onFresh(scenario, (placed) => playWith(placed, mishap, index));
        if (played.world.key.rotations.length !== 1) wrong.push(`${mishap} ${index}, ${effect}: made twice`);
        wrong.push(...played.wrong.map((what) => `${mishap} ${index}, ${effect}: ${what}`));
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it("waits and goes on when AWS is out of order, whichever call it begins with", async () => {
    const calls = (await outage(scenario, Infinity)).calls;
    expect(calls).toBeGreaterThan(5);
    const wrong: string[] = [];
    for (let from = 0; from < calls; from += 1)
      wrong.push(...(await outage(scenario, from)).wrong.map((what) => `from call ${from}: ${what}`));
    expect(wrong).toEqual([]);
  }, 60_000);
});

async function onFresh<Result>(
  scenario: Scenario,
  play: (placed: Scenario) => Promise<Result>,
): Promise<Result> {
  await using place = await ManagedPlace.open();
  const result = await play({
    ...scenario,
    options: () => ({
      ...place.options,
      graceSeconds: 3600,
      consumers: [new MemoryConsumer("billing", ["pod-1"])],
    }),
    before: (world) => begin(place, world),
  });
  expect(place.writes).toEqual([]);
  return result;
}

/** Some time after a person has put the key there. */
async function begin(place: ManagedPlace, world: World): Promise<void> {
  place.join(world);
  await world.store.read();
  await world.clock.advance(HOUR_MS);
}

/** AWS answers a dozen calls with an error of its own, from this one on. */
async function outage(
  scenario: Scenario,
  from: number,
): Promise<{ calls: number; wrong: readonly string[] }> {
  await using place = await ManagedPlace.open();
  const world = new World({ ...place.options, graceSeconds: 3600 });
  await begin(place, world);
  let calls = 0;
  place.aws.beforeCall = async () => {
    if (calls === from)
      for (let count = 0; count < 12; count += 1)
        place.aws.refusals.push(new Refused("InternalServiceError", "An error occurred.", 500));
    calls += 1;
  };
  await scenario.play(world);
  return { calls, wrong: [...world.broken, ...wrongIn(endOf(world), scenario.end)] };
}
