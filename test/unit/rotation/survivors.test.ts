/** What should be dead and lives: people hear of it for as long as it lasts, and once when it is over. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { justBefore } from "../../support/engine/gates.ts";
import { DAY_MS, HOUR_MS, World } from "../../support/engine/world.ts";

const about = (world: World, kind: string) => world.alerts.filter((alert) => alert.kind === kind);
const incidentsOf = (world: World, ...kinds: string[]) =>
  new Set(kinds.flatMap((kind) => about(world, kind).map(({ incident }) => incident?.id)));

/** A graceful rotation with a grace of 6 h has just promoted its secret when the key is found in public. */
async function exposedInItsGrace(): Promise<World> {
  const world = new World({ graceSeconds: 6 * 3600 });
  world.jobs.add(world.intent("expiring", "evt_expiring"));
  await world.runAll(world.clock.now() + 60_000);
  for (const work of await world.exposed({ action: "none" })) world.jobs.add(work);
  return world;
}

describe("an exposed secret that lives on", () => {
  it("is told of at growing intervals until Paddle refuses it, and then called off once", async () => {
    const world = await exposedInItsGrace();
    await world.runAll();
    const told = about(world, "exposed-secret-lives");
    expect(told.map(({ raisedAt }) => Math.round((raisedAt - (told[0]?.raisedAt ?? 0)) / 60_000))).toEqual([
      0, 60, 180,
    ]);
    expect(told.at(-1)?.happened).toContain("It has been so for 3h.");
    expect(about(world, "exposed-secret-dead")).toMatchObject([
      { severity: "info", action: null, incident: { state: "over" } },
    ]);
    expect(world.isAlive(new Secret(world.firstSecret))).toBe(false);
  });

  it("is one incident from the alarm to the all-clear", async () => {
    const world = await exposedInItsGrace();
    await world.runAll();
    expect(incidentsOf(world, "exposed-secret-lives", "exposed-secret-dead").size).toBe(1);
  });

  it("is told of no more often when its job runs again and again within the hour", async () => {
    const world = await exposedInItsGrace();
    await world.runAll(world.clock.now() + 60_000);
    const exposure = world.jobs.all.find(({ work }) => work.job === "revoke-first");
    for (let run = 0; run < 5; run += 1) {
      if (exposure) await world.run(exposure.work);
      await world.clock.advance(60_000);
    }
    expect(about(world, "exposed-secret-lives")).toHaveLength(1);
  });

  it("is told of also where a job that was lost is resumed as an ordinary one", async () => {
    const world = await exposedInItsGrace();
    await world.runAll(world.clock.now() + 60_000);
    world.jobs.forget();
    await world.resumes();
    expect(about(world, "exposed-secret-dead")).toHaveLength(1);
    expect(about(world, "old-outlives-grace")).toEqual([]);
  });

  it("is still what people are reminded of where the resumed job would call it a grace that is over", async () => {
    const world = await exposedInItsGrace();
    const revive = () => {
      world.key.old = world.key.old.map((old) => ({ ...old, diesAt: world.clock.now() + 3 * HOUR_MS }));
    };
    world.gate = justBefore("paddle.ask", revive, 3);
    await world.runAll(world.clock.now() + 60_000);
    expect(world.store.slots.old?.until).toBeNull();
    const before = about(world, "exposed-secret-lives").length;
    world.jobs.forget();
    await world.resumes();
    expect(about(world, "exposed-secret-lives").length).toBe(before + 1);
    expect(about(world, "old-outlives-grace")).toEqual([]);
    expect(about(world, "exposed-secret-dead")).toHaveLength(1);
  });

  it("and for which the store has no place is a person's to look after, who is told so", async () => {
    const world = await exposedInItsGrace();
    const reviveBoth = () => {
      const diesAt = world.clock.now() + HOUR_MS;
      world.key.old = world.key.old.map((old) => ({ ...old, diesAt }));
    };
    world.gate = justBefore("paddle.ask", reviveBoth, 3);
    await world.runAll(world.clock.now() + 60_000);
    const [younger, older] = about(world, "exposed-secret-lives");
    expect(world.store.slots.old?.secret.fingerprint()).toBe(younger?.happened.match(/sha256:\w+/)?.[0]);
    expect(younger?.action).toContain("it is asked again until Paddle refuses it");
    expect(older?.happened).toContain(new Secret(world.firstSecret).fingerprint());
    expect(older?.action).toContain("nobody asks it again");
  });
});

describe("a former key that nobody ended", () => {
  it("is told of once a day until Paddle says that it is revoked, and then called off once", async () => {
    const world = new World();
    world.jobs.add(await world.bringsKey({ permissions: ["transaction.read", "api_key.read"] }));
    await world.runAll(world.clock.now() + 3 * DAY_MS + HOUR_MS);
    expect(about(world, "former-key-lives")).toHaveLength(4);
    for (const work of await world.revokedByUser(world.keyId)) world.jobs.add(work);
    await world.runAll();
    expect(about(world, "former-key-lives")).toHaveLength(4);
    expect(about(world, "former-key-ended")).toMatchObject([{ severity: "info", keyId: world.keyId }]);
    expect(incidentsOf(world, "former-key-lives", "former-key-ended").size).toBe(1);
  });

  it("is called off without a webhook where a key may read that it is revoked", async () => {
    const world = new World();
    world.jobs.add(await world.bringsKey({ permissions: ["transaction.read", "api_key.read"] }));
    await world.runAll(world.clock.now() + HOUR_MS / 2);
    await world.revokedByUser(world.keyId);
    await world.runAll();
    expect(world.alerts.map(({ kind }) => kind)).toEqual(["former-key-lives", "former-key-ended"]);
  });

  it("and that no key may read is told of every day after a webhook that was lost, with what ends it", async () => {
    const world = new World({ policy: { overlapMs: 3 * HOUR_MS } });
    world.jobs.add(await world.bringsKey());
    const switchedAt = world.clock.now();
    await world.runAll(switchedAt + HOUR_MS);
    await world.revokedByUser(world.keyId);
    await world.runAll(switchedAt + 3 * HOUR_MS + 2 * DAY_MS + 60_000);
    const told = about(world, "former-key-lives");
    expect(told.map(({ raisedAt }) => Math.round((raisedAt - switchedAt) / HOUR_MS))).toEqual([3, 27, 51]);
    expect(told.at(-1)?.action).toContain("empty the slot `old` in memory");
    world.store.edit("old", null);
    await world.runAll();
    expect(world.jobs.all.every(({ dueAt }) => dueAt === null)).toBe(true);
  });

  it("and leaks then is told of anew, as critical, and both are called off", async () => {
    const world = new World();
    world.jobs.add(await world.bringsKey());
    await world.runAll(world.clock.now() + HOUR_MS);
    for (const work of await world.exposed({ action: "none", keyId: world.keyId })) world.jobs.add(work);
    await world.runAll(world.clock.now() + HOUR_MS);
    expect(about(world, "former-key-lives").map(({ severity }) => severity)).toEqual(["warning", "critical"]);
    for (const work of await world.revokedByUser(world.keyId)) world.jobs.add(work);
    await world.runAll();
    const over = new Set(about(world, "former-key-ended").map(({ incident }) => incident?.state));
    expect(over).toEqual(new Set(["over"]));
  });

  it("and is in no store any more is called off when Paddle tells of its revocation", async () => {
    const world = new World({ policy: { overlapMs: 72 * HOUR_MS } });
    world.jobs.add(await world.bringsKey());
    await world.runAll(world.clock.now() + 1_000);
    world.jobs.add(await world.asksForRotation());
    await world.runAll(world.clock.now() + 1_000);
    expect(about(world, "former-key-lives")[0]?.action).toContain("you are not reminded");
    for (const work of await world.revokedByUser(world.keyId)) world.jobs.add(work);
    await world.runAll(world.clock.now() + 1_000);
    expect(about(world, "former-key-ended")).toHaveLength(1);
  });
});
