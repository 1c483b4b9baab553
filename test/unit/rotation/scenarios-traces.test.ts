/** Interleavings that broke earlier designs, each by its name. */
import { describe, expect, it } from "vitest";
import { diesBefore, pausingGate } from "../../support/engine/gates.ts";
import { GRACE_SECONDS, HOUR_MS, World } from "../../support/engine/world.ts";
import { effectsOf } from "../../support/engine/play.ts";
import { ROTATIONS } from "../../support/engine/scenarios-of-rotations.ts";

const GRACE_MS = GRACE_SECONDS * 1000;
const kindsOf = (world: World) => world.alerts.map(({ kind }) => kind);

function expectRotatedOnce(world: World): void {
  expect(world.broken).toEqual([]);
  expect(world.activations).toBe(1);
  expect(kindsOf(world)).toEqual([]);
  const { active, old, pending } = world.store.slots;
  expect({ old, pending }).toEqual({ old: null, pending: null });
  expect(world.isAlive(active?.secret)).toBe(true);
}

/** The number of the nth effect of this name in an undisturbed graceful rotation. */
async function numberOf(effect: string, nth = 1): Promise<number> {
  const [graceful] = ROTATIONS;
  if (!graceful) throw new Error("there is no graceful scenario");
  const { effects } = await effectsOf(graceful);
  const numbers = effects.flatMap((name, index) => (name === effect ? [index] : []));
  const number = numbers[nth - 1];
  if (number === undefined) throw new Error(`there are only ${numbers.length} ${effect}`);
  return number;
}

describe("the engine survives these traces:", () => {
  it("a stale worker issues over a live pending", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    const stale = pausingGate(await numberOf("paddle.createRotation"));
    const live = pausingGate(await numberOf("paddle.ask", 2));
    const staleEnd = world.run(work, stale);
    await stale.paused;
    const liveEnd = world.run(work, live);
    await live.paused;
    stale.resume();
    await staleEnd;
    live.resume();
    await liveEnd;
    await world.runToEnd(work);
    expectRotatedOnce(world);
    expect(world.key.rotations.filter(({ status }) => status === "canceled").length).toBeGreaterThan(0);
  });

  it("a grace ends between activation and promotion", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    await expect(world.run(work, diesBefore("store.write", 2))).rejects.toThrow();
    await world.clock.advance(GRACE_MS + 60_000);
    expect(world.isAlive(world.store.slots.active?.secret)).toBe(false);
    await world.runToEnd(work);
    expectRotatedOnce(world);
  });

  it("a preflight asks the active secret that died so, while the new one waits to be promoted", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    const preflight = pausingGate(await numberOf("paddle.ask", 1));
    const promotes = pausingGate(await numberOf("store.write", 2));
    const preflightEnd = world.run(work, preflight);
    await preflight.paused;
    const promotesEnd = world.run(work, promotes);
    await promotes.paused;
    await world.clock.advance(GRACE_MS + 60_000);
    preflight.resume();
    await preflightEnd;
    promotes.resume();
    await promotesEnd;
    await world.runToEnd(work);
    expectRotatedOnce(world);
  });

  it("an exposure overwrites a graceful pending that was just activated", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    await expect(world.run(work, diesBefore("store.write", 2))).rejects.toThrow();
    const activated = world.key.current;
    const [exposure] = await world.exposed({ action: "none" });
    await world.run(exposure);
    expect(world.broken).toEqual([]);
    expect(world.key.current).not.toBe(activated);
    expect(world.store.slots.active?.secret.reveal()).toBe(world.key.current);
    await world.runAll();
    expect(world.broken).toEqual([]);
    expect(world.store.slots.old).toBeNull();
  });

  it("a rollback outlives its deadline, because nobody worked", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    await world.run(work);
    const newer = world.store.slots.active?.secret.reveal();
    expect(await world.rollsBack()).toEqual({ go: true });
    expect(world.store.slots.active?.secret.reveal()).toBe(world.firstSecret);
    await world.clock.advance(2 * GRACE_MS);
    expect(world.isAlive(world.store.slots.active?.secret)).toBe(false);
    await world.runToEnd(work);
    expectRotatedOnce(world);
    expect(world.store.slots.active?.secret.reveal()).toBe(newer);
  });

  it("a rollback ends before the older secret dies, and is refused when that is near", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    await world.run(work);
    await world.rollsBack();
    await world.runToEnd(work);
    expectRotatedOnce(world);
    await world.runAll(world.clock.now() + HOUR_MS);
    await world.run(await world.asksForRotation());
    await world.clock.advance(GRACE_MS - 60_000);
    expect(await world.rollsBack()).toMatchObject({ refused: expect.stringContaining("dies in") });
  });

  it("a finished job whose completion was not recorded rotates again", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    await world.runToEnd(work, diesBefore("queue.done"));
    expectRotatedOnce(world);
    world.jobs.again(work);
    await world.clock.advance(24 * HOUR_MS);
    expect(await world.runToEnd(work)).toMatchObject({ kind: "done", result: "rotated" });
    expectRotatedOnce(world);
  });

  it("two intents inside one grace share one rotation if it was issued after both were asked for", async () => {
    const world = new World();
    const [first, second] = [world.intent("expiring", "evt_1"), world.intent("expiring", "evt_2")];
    await Promise.allSettled([world.run(first), world.run(second)]);
    await world.runToEnd(first);
    expect(await world.runToEnd(second)).toMatchObject({ result: "met-already" });
    expectRotatedOnce(world);
  });

  it("two intents inside one grace, the later one asked for after the rotation, take turns", async () => {
    const world = new World();
    const first = world.intent("expiring", "evt_1");
    await world.run(first);
    const second = await world.asksForRotation();
    await world.run(second);
    expect(world.activations).toBe(1);
    await world.runAll();
    expect(world.activations).toBe(2);
    expect(world.broken).toEqual([]);
  });
});
