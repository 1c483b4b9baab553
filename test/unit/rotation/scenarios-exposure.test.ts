/** Exposures in every shape: the exposed secret dies first, or a person hears what only a person can do. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { diesBefore, justBefore } from "../../support/engine/gates.ts";
import { effectsOf } from "../../support/engine/play.ts";
import { ROTATIONS } from "../../support/engine/scenarios-of-rotations.ts";
import { GRACE_SECONDS, HOUR_MS, World, type WorldOptions } from "../../support/engine/world.ts";
import { createKey } from "../../support/paddle-simulator/account/dashboard.ts";

const kindsOf = (world: World) => world.alerts.map(({ kind }) => kind);
const firstOf = (world: World) => new Secret(world.firstSecret);

async function count(name: string): Promise<number> {
  const scenario = ROTATIONS.find((each) => each.name === name);
  if (!scenario) throw new Error(`no scenario is named ${name}`);
  return (await effectsOf(scenario)).effects.length;
}

function expectSafe(world: World, what: string): void {
  expect(world.broken, what).toEqual([]);
  expect(world.isAlive(world.store.slots.active?.secret), what).toBe(true);
}

describe("the exposure of a living key", () => {
  it("ends the exposed secret before its successor is in the store, and says when it died", async () => {
    const world = new World();
    const [exposure] = await world.exposed({ action: "none" });
    let isDeadAtPromotion = false;
    const watch = justBefore("store.write", () => (isDeadAtPromotion = !world.isAlive(firstOf(world))), 2);
    expect(await world.runToEnd(exposure, watch)).toMatchObject({ kind: "done", result: "rotated" });
    expect(isDeadAtPromotion).toBe(true);
    expect(world.alerts).toMatchObject([{ kind: "exposure-handled", severity: "warning" }]);
    expect(world.alerts[0]?.happened).toContain(new Date(world.clock.now()).toISOString());
    expectSafe(world, "in the end");
  });

  it("is over at once when a secret that was issued later is active already", async () => {
    const world = new World();
    const [exposure] = await world.exposed({ action: "none" });
    await world.clock.advance(1000);
    await world.runToEnd(await world.asksForRotation(0));
    expect(await world.runToEnd(exposure)).toMatchObject({ kind: "done", result: "met-already" });
    expect(world.activations).toBe(1);
  });

  it("asks a person to revoke a key that was made without rotation and has no standby", async () => {
    const world = new World({ key: { rotatable: false } });
    const [exposure] = await world.exposed({ action: "none" });
    expect((await world.runToEnd(exposure)).kind).toBe("needs-person");
    expect(world.alerts).toMatchObject([{ kind: "key-exposed", severity: "critical" }]);
    expect(world.alerts[0]?.action).toContain(`revoke ${world.keyId}`);
  });

  it("tells people of a key that nobody manages", async () => {
    const world = new World();
    const stranger = createKey(world.account, {});
    for (const work of await world.exposed({ action: "revoked", keyId: stranger.id })) world.jobs.add(work);
    await world.runAll();
    expect(kindsOf(world)).toEqual(["key-exposed", "unmanaged-key-ended"]);
    expect(world.alerts[0]).toMatchObject({ severity: "critical", keyId: stranger.id, keyName: null });
  });

  it("pages instead of a fourth rotation within an hour, and rotates again when the hour is over", async () => {
    const world = new World();
    for (let nth = 1; nth <= 4; nth += 1) {
      const [exposure] = await world.exposed({ action: "none" });
      const outcome = await world.runToEnd(exposure, diesBefore("store.write", 2));
      expect(outcome.kind).toBe(nth <= 3 ? "done" : "needs-person");
      await world.clock.advance(60_000);
    }
    expect(kindsOf(world).at(-1)).toBe("too-many-revoke-firsts");
    await world.clock.advance(HOUR_MS);
    const [later] = await world.exposed({ action: "none" });
    expect(await world.runToEnd(later)).toMatchObject({ kind: "done", result: "rotated" });
    expectSafe(world, "in the end");
  });
});

describe("an exposure in the middle of a graceful rotation", () => {
  const paddles: [string, WorldOptions][] = [
    ["old secrets stack", {}],
    ["old secrets end at completion", { switches: { oldSecrets: "end-at-completion" } }],
    ["old secrets end at the request", { switches: { oldSecrets: "end-at-post" } }],
    ["rotations carry no times", { switches: { rotationTimes: false } }],
  ];
  it.each(paddles)("is answered whichever effect it comes before, where %s", async (_paddle, options) => {
    for (let nth = 1; nth <= (await count("graceful")); nth += 1) {
      const world = new World(options);
      const graceful = world.intent("expiring", "evt_expiring");
      const exposes = async () => world.jobs.add((await world.exposed({ action: "none" }))[0]);
      await world.runToEnd(graceful, justBefore(null, exposes, nth));
      await world.runAll();
      expectSafe(world, `before effect ${nth}`);
      expect(world.isAlive(firstOf(world))).toBe(false);
      const exposedAt = world.jobs.all.at(-1)?.work.intent.requestedAt ?? Infinity;
      expect(world.store.slots.active?.issuedAt, `before effect ${nth}`).toBeGreaterThanOrEqual(exposedAt);
    }
  });

  it("alarms people as long as the first secret lives in its grace, and is over when that is dead", async () => {
    const world = new World();
    await world.run(world.intent("expiring", "evt_expiring"));
    const [exposure] = await world.exposed({ action: "none" });
    const waiting = await world.run(exposure);
    expect(waiting.kind).toBe("wait");
    expect(kindsOf(world)).toEqual(["exposed-secret-lives"]);
    expect(world.isAlive(firstOf(world))).toBe(true);
    expect(await world.runToEnd(exposure)).toMatchObject({ result: "rotated" });
    expect(world.isAlive(firstOf(world))).toBe(false);
    expect(kindsOf(world)).toEqual(["exposed-secret-lives", "exposed-secret-dead", "exposure-handled"]);
    expect(world.clock.now()).toBeLessThan(Date.UTC(2026, 10, 21) + (GRACE_SECONDS + 60) * 1000);
  });

  it("does not take our own former secret for a stranger's when the key is exposed again", async () => {
    const world = new World();
    await world.run(world.intent("expiring", "evt_expiring"));
    const [first] = await world.exposed({ action: "none" });
    await world.run(first);
    const [second] = await world.exposed({ action: "none" });
    await world.run(second);
    expect(world.alerts.filter(({ happened }) => happened.includes("we did not issue"))).toEqual([]);
    await world.runAll();
    expectSafe(world, "in the end");
  });
});

describe("a second exposure while the first is handled", () => {
  it("is answered by a secret issued after it, whichever effect it comes before", async () => {
    for (let nth = 1; nth <= (await count("revoke first")); nth += 1) {
      const world = new World();
      const [first] = await world.exposed({ action: "none" });
      const exposes = async () => world.jobs.add((await world.exposed({ action: "none" }))[0]);
      await world.runToEnd(first, justBefore(null, exposes, nth));
      await world.runAll();
      expectSafe(world, `before effect ${nth}`);
      const second = world.jobs.all.at(-1)?.work.intent.requestedAt ?? Infinity;
      expect(world.store.slots.active?.issuedAt, `before effect ${nth}`).toBeGreaterThanOrEqual(second);
      expect(world.activations).toBeLessThanOrEqual(2);
    }
  });
});

describe("a thief", () => {
  it.each([{ activate: false }, { activate: true }])(
    "who rotates at the same time is beaten, or a person is told to revoke the key ($activate)",
    async ({ activate }) => {
      for (let nth = 1; nth <= (await count("revoke first")); nth += 1) {
        const world = new World();
        const [exposure] = await world.exposed({ action: "none" });
        const steals = async () => {
          if (world.isAlive(firstOf(world))) await world.thief({ activate, stolen: world.firstSecret });
        };
        const outcome = await world.runToEnd(exposure, justBefore(null, steals, nth));
        expect(world.broken, `before effect ${nth}`).toEqual([]);
        if (outcome.kind === "done") expectSafe(world, `before effect ${nth}`);
        else {
          expect(world.alerts, `before effect ${nth}`).toMatchObject([{ kind: "key-exposed" }]);
          expect(world.alerts[0]?.action).toMatch(/^Now: revoke apikey_/);
        }
      }
    },
  );

  it("who holds the newest secret loses it to a counter-rotation while ours is in grace", async () => {
    const world = new World();
    const stolen = await world.thief({ activate: true, graceSeconds: 600 });
    const outcome = await world.runToEnd(world.countering());
    expect(outcome).toMatchObject({ kind: "done", result: "rotated" });
    expect(world.isAlive(new Secret(stolen.secret))).toBe(false);
    expect(kindsOf(world)).toContain("exposed-secret-lives");
    expectSafe(world, "in the end");
  });
});
