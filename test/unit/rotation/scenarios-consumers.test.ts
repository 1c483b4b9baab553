/** Consumers switch over while the former secret lives; who lags is named in time, and nothing waits for them that may not. */
import { describe, expect, it } from "vitest";
import { resumeWork } from "../../../src/core/resume-work.ts";
import { latestProgress } from "../../../src/rotation/switch-over-progress.ts";
import { MemoryConsumer } from "../../support/memory-consumer.ts";
import { GRACE_SECONDS, HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";

const GRACE_MS = GRACE_SECONDS * 1000;

function worldWith(stubborn: readonly string[] = [], options: WorldOptions = {}) {
  const consumer = new MemoryConsumer("billing", ["one", "two", "three"]);
  for (const instance of stubborn) consumer.stubborn.add(instance);
  const world = new World({ consumers: [consumer], ...options });
  return { world, consumer };
}

const of = (world: World, kind: string) => world.alerts.filter((alert) => alert.kind === kind);
const begun = async (world: World) => {
  world.jobs.add(world.intent("expiring", "evt_expiring"));
  await world.runAll(world.clock.now() + 1_000);
};
const result = (world: World) => world.jobs.all.at(0)?.outcome;

describe("consumers in a grace", () => {
  it("are told once of the new secret, by its fingerprint and never by itself", async () => {
    const { world, consumer } = worldWith();
    await world.runToEnd(world.intent("expiring", "evt_expiring"));
    expect(world.broken).toEqual([]);
    expect(consumer.told).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{1,64}$/),
        keyName: "billing",
        rotationId: world.store.slots.active?.rotationId,
        fingerprint: world.store.slots.active?.secret.fingerprint(),
      },
    ]);
    expect(world.alerts).toEqual([]);
  });

  it("are proved in the job and in the record", async () => {
    const { world } = worldWith();
    await begun(world);
    expect(world.jobs.all[0]?.journal.facts).toMatchObject({
      "consumer-billing": { says: expect.stringContaining("3 of 3 instances use sha256:") },
      switchedOver: { says: expect.stringContaining("proved") },
    });
  });

  it("are shown as far as they were when they were last looked at, once for each change", async () => {
    const { world, consumer } = worldWith(["two"]);
    await begun(world);
    await world.runAll(world.clock.now() + 60_000);
    const list = "switch-over-progress-billing";
    expect(await world.records.list(list, { limit: 10 })).toHaveLength(1);
    expect(await latestProgress(world.records, "billing")).toMatchObject({
      fingerprint: world.store.slots.active?.secret.fingerprint(),
      consumers: [
        { name: "billing", state: "under-way", instances: [{}, { id: "two", state: "lagging" }, {}] },
      ],
    });
    consumer.reload("two");
    await world.runAll();
    expect(await world.records.list(list, { limit: 10 })).toHaveLength(2);
    expect(await latestProgress(world.records, "billing")).toMatchObject({
      consumers: [{ state: "proved" }],
    });
  });

  it("that lag are named at half of the grace, at four fifths and when they fail, and called off when they are there", async () => {
    const { world, consumer } = worldWith(["two"]);
    const { clock } = world;
    await begun(world);
    const startedAt = clock.now();
    await world.runAll(startedAt + 0.45 * GRACE_MS);
    expect(world.alerts).toEqual([]);
    await world.runAll(startedAt + 0.6 * GRACE_MS);
    expect(of(world, "consumers-lag")).toMatchObject([
      { severity: "warning", happened: expect.stringContaining("billing (two)") },
    ]);
    await world.runAll(startedAt + 0.9 * GRACE_MS);
    expect(of(world, "consumers-lag")).toHaveLength(2);
    await world.runAll(startedAt + 1.2 * GRACE_MS);
    expect(of(world, "consumers-lag")).toHaveLength(3);
    expect(of(world, "consumers-lag").at(-1)).toMatchObject({
      severity: "critical",
      happened: expect.stringContaining("they fail now"),
    });
    expect(world.store.slots.old).toBeNull();
    expect(result(world)).toMatchObject({ kind: "wait" });

    consumer.reload("two");
    await world.runAll();
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
    expect(of(world, "consumers-switched")).toMatchObject([
      { incident: { id: of(world, "consumers-lag")[0]?.incident?.id, state: "over" } },
    ]);
    expect(world.broken).toEqual([]);
  });

  it("that reload late in the grace end the matter, and the rotation ends by itself", async () => {
    const { world, consumer } = worldWith(["three"]);
    await begun(world);
    await world.runAll(world.clock.now() + 0.6 * GRACE_MS);
    consumer.reload("three");
    await world.runAll();
    expect(world.alerts.map(({ kind }) => kind)).toEqual(["consumers-lag", "consumers-switched"]);
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
  });

  it("that never switch over hold up the end by a day and no longer", async () => {
    const { world } = worldWith(["one"]);
    await begun(world);
    const startedAt = world.clock.now();
    await world.runAll(startedAt + GRACE_MS + 23 * HOUR_MS);
    expect(result(world)).toMatchObject({ kind: "wait" });
    await world.runAll();
    expect(result(world)).toMatchObject({ kind: "done" });
    expect(world.clock.now()).toBeLessThan(startedAt + GRACE_MS + 25 * HOUR_MS);
  });

  it("that cannot be reached are told when they can be, and people hear what is wrong with them", async () => {
    const { world, consumer } = worldWith();
    consumer.isReachable = false;
    await begun(world);
    const startedAt = world.clock.now();
    await world.runAll(startedAt + 0.6 * GRACE_MS);
    expect(of(world, "consumers-lag")[0]?.happened).toContain("billing does not answer: start it");
    expect(consumer.told).toEqual([]);
    consumer.isReachable = true;
    await world.runAll();
    expect(consumer.told).toHaveLength(1);
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
  });

  it("do not shorten the grace by their proof", async () => {
    const { world } = worldWith();
    await begun(world);
    const startedAt = world.clock.now();
    await world.runAll();
    expect(world.clock.now()).toBeGreaterThanOrEqual(startedAt + GRACE_MS - 1_000);
  });

  it("are told again when the secret is rolled back, and once more when it comes forward", async () => {
    const { world, consumer } = worldWith();
    await begun(world);
    await world.rollsBack();
    const { store, activeKeyId: keyId, clock } = world;
    world.jobs.add(resumeWork({ keyName: "billing", keyId, slots: store.slots }, clock.now()));
    await world.runAll();
    const [first, back, forward] = consumer.told;
    expect(consumer.told).toHaveLength(3);
    expect(back?.fingerprint).not.toBe(first?.fingerprint);
    expect(forward?.fingerprint).toBe(first?.fingerprint);
    expect(new Set(consumer.told.map(({ id }) => id)).size).toBe(3);
    expect(world.broken).toEqual([]);
  });
});

describe("consumers of an exposed key", () => {
  const expose = async (world: World) => {
    const [exposure] = await world.exposed({ action: "none" });
    world.jobs.add(exposure);
    await world.runAll(world.clock.now() + 1_000);
  };

  it("are told right after the exposed secret is dead, and the record says when they were safe", async () => {
    const { world, consumer } = worldWith();
    await expose(world);
    expect(consumer.told).toHaveLength(1);
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
    expect(world.jobs.all[0]?.journal.facts["switchedOver"]).toBeDefined();
  });

  it("that lag fail, which people hear as soon as they had their time, not after a day", async () => {
    const { world, consumer } = worldWith(["two"]);
    await expose(world);
    expect(of(world, "exposure-handled")).toHaveLength(1);
    expect(of(world, "consumers-lag")).toEqual([]);
    await world.runAll(world.clock.now() + consumer.refreshMs + consumer.timeoutMs + 60_000);
    expect(of(world, "consumers-lag")).toMatchObject([
      { severity: "critical", happened: expect.stringContaining("they fail now") },
    ]);
    consumer.reload("two");
    await world.runAll();
    expect(result(world)).toMatchObject({ kind: "done", result: "rotated" });
  });
});

describe("consumers of a key that another one replaced", () => {
  it("keep people from being asked to revoke the former key while one of them lags", async () => {
    const { world, consumer } = worldWith(["two"], { policy: { overlapMs: HOUR_MS } });
    world.jobs.add(await world.bringsKey());
    await world.runAll(world.clock.now() + 5 * HOUR_MS);
    expect(of(world, "former-key-lives")).toEqual([]);
    expect(of(world, "consumers-lag").at(-1)).toMatchObject({
      severity: "warning",
      happened: expect.stringContaining("not to be revoked before they have switched over"),
    });
    consumer.reload("two");
    await world.runAll(world.clock.now() + 2 * HOUR_MS);
    expect(of(world, "former-key-lives")).toHaveLength(1);
  });
});
