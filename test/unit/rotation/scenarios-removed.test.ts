/** Somebody takes a key, or an application, out of the configuration while there is work about it. */
import { describe, expect, it } from "vitest";
import { diesBefore } from "../../support/engine/gates.ts";
import { HOUR_MS, World } from "../../support/engine/world.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";

const kindsOf = (world: World) => world.alerts.map(({ kind }) => kind);

describe("a key that is removed from the configuration", () => {
  it("in its grace is told of by its name, with how far its rotation was and what to do", async () => {
    const world = new World();
    const asked = world.intent("manual", "manual-1");
    await world.run(asked);
    world.isConfigured = false;
    expect(await world.runToEnd(asked)).toMatchObject({ kind: "done", result: "not-managed" });
    expect(world.alerts).toMatchObject([{ kind: "key-removed", severity: "warning", keyName: "billing" }]);
    const [{ happened, action } = { happened: "", action: "" }] = world.alerts;
    expect(happened).toMatch(/^billing left the configuration .*The last that was done, at \d{4}-.*: /);
    expect(action).toContain("back into rotator.yaml");
    expect(world.broken).toEqual([]);
  });

  it("between activation and promotion is critical: what the store holds will die", async () => {
    const world = new World();
    const asked = world.intent("manual", "manual-1");
    await world.run(asked, diesBefore("store.write", 2)).catch(() => {});
    expect(world.activations).toBe(1);
    world.isConfigured = false;
    await world.runToEnd(asked);
    expect(world.alerts).toMatchObject([
      { kind: "key-removed", severity: "critical", action: expect.stringMatching(/^Now: put billing back/) },
    ]);
  });

  it("is not called found in public because a person wanted its secret dead", async () => {
    const world = new World();
    const asked = world.countering();
    await world.run(asked, diesBefore("store.write", 2)).catch(() => {});
    world.isConfigured = false;
    await world.runToEnd(asked);
    expect(kindsOf(world)).toContain("key-removed");
    expect(kindsOf(world)).not.toContain("key-exposed");
  });

  it("and was found in public is told of as such", async () => {
    const world = new World();
    const [exposure] = await world.exposed({ action: "none" });
    world.isConfigured = false;
    await world.runToEnd(exposure);
    expect(kindsOf(world)).toEqual(["key-exposed"]);
  });

  it("before anything was done for a warning of its expiry expires like any other", async () => {
    const world = new World();
    const [warning] = await world.warned();
    world.isConfigured = false;
    await world.runToEnd(warning);
    expect(kindsOf(world)).toEqual(["unmanaged-key-expiring"]);
  });
});

describe("an application that is removed from the configuration", () => {
  it("while it lags leaves no incident behind", async () => {
    const consumer = new MemoryConsumer("billing", ["one"]);
    consumer.stubborn.add("one");
    const world = new World({ consumers: [consumer] });
    world.jobs.add(world.intent("manual", "manual-1"));
    await world.runAll(world.clock.now() + HOUR_MS);
    expect(kindsOf(world)).toContain("consumers-lag");
    world.consumers = [];
    await world.runAll();
    expect(kindsOf(world).at(-1)).toBe("consumers-unwatched");
  });
});
