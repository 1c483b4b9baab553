/** What the world does to a rotation besides killing it: the right end, or the right page. */
import { describe, expect, it } from "vitest";
import { PaddleError, StoreError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { rememberExposure } from "../../../src/rotation/exposures.ts";
import { CLOCK_DOUBT_MS } from "../../../src/rotation/next-step.ts";
import { Died, diesBefore, type Gate, justBefore, pausingGate } from "../../support/engine/gates.ts";
import { GRACE_SECONDS, World } from "../../support/engine/world.ts";
import { findKey } from "../../support/paddle-simulator/account/account.ts";
import { createKey, revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { startRotation } from "../../support/paddle-simulator/account/rotate.ts";
import { authenticate } from "../../support/paddle-simulator/account/authenticate.ts";

const DAY_MS = 86_400_000;

const keyOf = (world: World) => findKey(world.account, world.keyId);
const kindsOf = (world: World) => world.alerts.map(({ kind }) => kind);

describe("a rotation", () => {
  it("gives the key a new life, so that it does not die of its old expiry", async () => {
    const world = new World();
    await world.runToEnd(world.intent("expiring", "evt_1"));
    expect(keyOf(world).expiresAt).toBeGreaterThan(world.clock.now() + 89 * DAY_MS);
  });

  it("drops a warning that arrives after the key was rotated by somebody else", async () => {
    const world = new World();
    const late = world.intent("expiring", "evt_1");
    keyOf(world).expiresAt = world.clock.now() + 80 * DAY_MS;
    expect(await world.runToEnd(late)).toMatchObject({ kind: "done", result: "stale" });
    expect(world.activations).toBe(0);
  });

  it("rotates again when a person asks after an earlier rotation has ended", async () => {
    const world = new World();
    await world.runToEnd(world.intent("manual", "manual-1"));
    await world.clock.advance(1000);
    await world.runToEnd(world.intent("manual", "manual-2"));
    expect(world.activations).toBe(2);
    expect(world.broken).toEqual([]);
  });

  it("waits out the grace that runs before it starts the rotation a person asks for meanwhile", async () => {
    const world = new World();
    const first = await world.run(world.intent("manual", "manual-1"));
    await world.clock.advance(1000);
    const second = await world.run(world.intent("manual", "manual-2"));
    expect([first.kind, second.kind]).toEqual(["wait", "wait"]);
    expect(world.activations).toBe(1);
  });

  it("keeps the old expiry and warns when Paddle refuses the new one", async () => {
    const world = new World({ switches: { newExpiry: "refuse" } });
    const expiry = keyOf(world).expiresAt;
    await world.runToEnd(world.intent("expiring", "evt_1"));
    expect(keyOf(world).expiresAt).toBe(expiry);
    expect(kindsOf(world)).toEqual(["new-expiry-refused"]);
  });

  it("gives no expiry to a key that had none, unless a lifetime is configured", async () => {
    const world = new World({ key: { expiresAt: null } });
    const { store, keyId, clock } = world;
    const withoutLifetime = world.intent("manual", "manual-1");
    await world.runToEnd(withoutLifetime);
    // The world's policy has a lifetime of 90 days, so this key gets one now.
    expect(keyOf(world).expiresAt).toBe(clock.now() - GRACE_SECONDS * 1000 - 2_000 + 90 * DAY_MS);
    expect(store.slots.active?.rotationId).toBe(keyOf(world).rotations[0]?.id);
    expect(keyId).toBe(keyOf(world).id);
  });

  it("uses the grace that a person chose", async () => {
    const world = new World();
    await world.run({ ...world.intent("manual", "manual-1"), graceSeconds: 60 });
    expect(world.store.slots.old?.until).toBe(world.clock.now() + 60_000);
  });

  it("goes on although the answer of the store was lost after the write", async () => {
    const world = new World();
    const lost = new StoreError("no answer", { effect: "unknown", retry: "later" });
    let writes = 0;
    const loseEachOnce: Gate = {
      async pass(effect, act) {
        const answer = await act();
        if (effect === "store.write" && (writes += 1) <= 3) throw lost;
        return answer;
      },
    };
    const outcome = await world.runToEnd(world.intent("expiring", "evt_1"), loseEachOnce);
    expect(outcome).toMatchObject({ kind: "done", result: "rotated" });
    expect(writes).toBe(3);
    expect(world.activations).toBe(1);
    expect(world.broken).toEqual([]);
  });

  it("finishes when no worker ran for longer than the grace between activation and promotion", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    const dies: Gate = diesBefore("store.write", 2);
    await expect(world.run(work, dies)).rejects.toThrow(Died);
    await world.clock.advance((GRACE_SECONDS + 60) * 1000);
    expect(world.isAlive(world.store.slots.active?.secret)).toBe(false);
    expect(await world.runToEnd(work)).toMatchObject({ kind: "done", result: "rotated" });
    expect(world.activations).toBe(1);
    expect(world.isAlive(world.store.slots.active?.secret)).toBe(true);
  });
});

describe("somebody else", () => {
  it("who cancels our staged rotation makes us issue again, once", async () => {
    const world = new World();
    const foreign = justBefore(
      "paddle.ask",
      () => startRotation(world.account, keyOf(world), { graceSeconds: 5, newKeyExpiresAt: undefined }),
      2,
    );
    expect(await world.runToEnd(world.intent("expiring", "evt_1"), foreign)).toMatchObject({
      result: "rotated",
    });
    expect(keyOf(world).rotations.map(({ status, graceSeconds }) => [status, graceSeconds])).toEqual([
      ["canceled", GRACE_SECONDS],
      ["canceled", 5],
      ["completed", GRACE_SECONDS],
    ]);
    expect(world.broken).toEqual([]);
  });

  it("who changes the slots between our questions is not answered with a stale refusal read as a verdict", async () => {
    const world = new World({ graceSeconds: 0 });
    const work = world.intent("expiring", "evt_1");
    const dies = diesBefore("paddle.ask", 2);
    await expect(world.run(work, dies)).rejects.toThrow(Died);
    startRotation(world.account, keyOf(world), { graceSeconds: 60, newKeyExpiresAt: undefined });
    // Slow: the staged secret is refused; stops before it asks active. Fast: issues and activates over it, stops
    // before it promotes, so active is dead and the slots hold a living pending secret that slow never asked.
    const [slow, fast] = [pausingGate(2), pausingGate(9)];
    const slowEnd = world.run(work, slow);
    await slow.paused;
    const fastEnd = world.run(work, fast);
    await fast.paused;
    slow.resume();
    await slowEnd;
    fast.resume();
    await fastEnd;
    expect(await world.runToEnd(work)).toMatchObject({ kind: "done", result: "rotated" });
    expect(kindsOf(world)).toEqual([]);
    expect(world.activations).toBe(1);
    expect(world.broken).toEqual([]);
  });

  it("who activates a rotation of their own with grace 0 is noticed: the key is lost, and a person is paged", async () => {
    const world = new World();
    const rotation = startRotation(world.account, keyOf(world), {
      graceSeconds: 0,
      newKeyExpiresAt: undefined,
    });
    authenticate(world.account, rotation.newSecret);
    const outcome = await world.run(world.intent("expiring", "evt_1"));
    expect(outcome.kind).toBe("needs-person");
    expect(kindsOf(world)).toEqual(["key-lost"]);
    expect(world.alerts[0]).toMatchObject({ severity: "critical", keyId: world.keyId });
  });

  it("who puts another key into the store ends the matter", async () => {
    const world = new World();
    const other = createKey(world.account, {});
    const work = world.intent("expiring", "evt_1");
    const edited = justBefore("paddle.createRotation", () => world.store.edit("active", other.current));
    expect(await world.runToEnd(work, edited)).toMatchObject({ kind: "done", result: "replaced" });
    expect(world.store.slots.active?.secret.reveal()).toBe(other.current);
    expect(world.activations).toBe(0);
  });

  it("who restores the store to before a rotation whose grace is over is told that the key is lost", async () => {
    const world = new World();
    const backup = world.store.backup();
    await world.runToEnd(world.intent("manual", "manual-1"));
    world.store.restore(backup);
    await world.clock.advance(1000);
    expect((await world.run(world.intent("manual", "manual-2"))).kind).toBe("needs-person");
    expect(kindsOf(world)).toEqual(["key-lost"]);
  });

  it("who rolled the secret back gets the newer one back before the older one dies", async () => {
    const world = new World();
    const work = world.intent("manual", "manual-1");
    await world.run(work);
    const { slots, version } = await world.store.read();
    const { active, old } = slots;
    if (!active || !old) throw new Error("nothing to roll back");
    const rolledBack = { ...slots, active: old, old: { ...active, until: old.until }, rolledBack: true };
    expect(await world.store.write(rolledBack, version)).toBe("written");
    expect(await world.runToEnd(work)).toMatchObject({ result: "rotated" });
    expect(world.store.slots.active?.secret.reveal()).toBe(active.secret.reveal());
    expect(world.broken).toEqual([]);
  });
});

const exposureAt = (occurredAt: number) => ({ occurredAt, intentId: "evt_exposed" });

describe("an open exposure", () => {
  it("stops a rotation before the staged secret is activated", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    const exposed = justBefore("store.write", () =>
      rememberExposure(world.records, world.keyId, exposureAt(world.clock.now())),
    );
    expect(await world.runToEnd(work, exposed)).toMatchObject({ kind: "done", result: "gave-way" });
    expect(world.activations).toBe(0);
    expect(world.isAlive(world.store.slots.active?.secret)).toBe(true);
  });

  it("is closed by a secret that was issued after it", async () => {
    const world = new World();
    await rememberExposure(world.records, world.keyId, exposureAt(world.clock.now()));
    await world.clock.advance(1);
    const { slots, version } = await world.store.read();
    const active = slots.active && { ...slots.active, issuedAt: world.clock.now() };
    await world.store.write({ ...slots, active }, version);
    await world.clock.advance(1);
    expect(await world.runToEnd(world.intent("manual", "manual-1"))).toMatchObject({ result: "rotated" });
  });
});

describe("a person is paged once, with what only a person can do,", () => {
  it("when the key was made without rotation", async () => {
    const world = new World({ key: { rotatable: false } });
    expect((await world.run(world.intent("expiring", "evt_1"))).kind).toBe("needs-person");
    expect(world.alerts).toHaveLength(1);
    expect(world.alerts[0]?.happened).toContain(new Date(keyOf(world).expiresAt ?? 0).toISOString());
  });

  it("and hears of no key that works again, where it is one that lives and cannot be rotated", async () => {
    const world = new World({ key: { rotatable: false } });
    const expiring = world.intent("expiring", "evt_1");
    await world.run(expiring);
    const intent = { id: "evt_2", kind: "foreign-rotation", requestedAt: world.clock.now() } as const;
    const inspected = { what: "key", event: "updated" } as const;
    await world.run({ ...expiring, job: "inspect", intent, eventId: intent.id, inspected });
    expect(kindsOf(world)).toEqual(["not-rotatable", "key-not-rotatable", "expiry-unplanned"]);
  });

  it("when the key was revoked meanwhile", async () => {
    const world = new World();
    const revoked = justBefore("store.write", () => revoke(world.account, world.keyId, { by: "user" }));
    expect((await world.runToEnd(world.intent("expiring", "evt_1"), revoked)).kind).toBe("needs-person");
    expect(kindsOf(world)).toEqual(["key-lost"]);
  });

  it("when the key is revoked between preflight and issuing", async () => {
    const world = new World();
    const revoked = justBefore("paddle.createRotation", () =>
      revoke(world.account, world.keyId, { by: "paddle" }),
    );
    expect((await world.runToEnd(world.intent("expiring", "evt_1"), revoked)).kind).toBe("needs-person");
    expect(kindsOf(world)).toEqual(["key-lost"]);
  });

  it("when Paddle refuses the rotation although the secret works, and no second request is made", async () => {
    const world = new World();
    let requests = 0;
    const refusing: Gate = {
      pass(effect, act) {
        if (effect !== "paddle.createRotation") return act();
        requests += 1;
        const what = { code: "forbidden", status: 403, effect: "none", retry: "never" } as const;
        return Promise.reject(new PaddleError("POST /api-keys/…/rotations: 403 forbidden", what));
      },
    };
    expect((await world.run(world.intent("expiring", "evt_1"), refusing)).kind).toBe("needs-person");
    expect(requests).toBe(1);
    expect(kindsOf(world)).toEqual(["rotation-refused"]);
  });

  it("when the active slot is empty", async () => {
    const world = new World();
    world.store.edit("active", null);
    expect((await world.run(world.intent("expiring", "evt_1"))).kind).toBe("needs-person");
    expect(kindsOf(world)).toEqual(["key-lost"]);
  });

  it("when an old secret outlives its grace; it is retired once Paddle refuses it at last", async () => {
    const world = new World();
    const work = world.intent("expiring", "evt_1");
    await world.run(work);
    const [old] = keyOf(world).old;
    const longer = world.clock.now() + GRACE_SECONDS * 1000 + 10 * CLOCK_DOUBT_MS;
    keyOf(world).old = [{ secret: old?.secret ?? "", diesAt: longer }];
    expect(await world.runToEnd(work)).toMatchObject({ kind: "done", result: "rotated" });
    expect(new Set(world.alerts.map(({ id }) => id)).size).toBe(1);
    expect(kindsOf(world)[0]).toBe("old-outlives-grace");
    expect(world.isAlive(new Secret(old?.secret ?? ""))).toBe(false);
  });
});
