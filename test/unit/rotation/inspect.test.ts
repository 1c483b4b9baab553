/** What comes of an event that may mean nothing or everything. */
import { describe, expect, it } from "vitest";
import { rememberIssued, rememberIssuing } from "../../../src/core/issued-rotations.ts";
import type { ManagedKey, RotationPolicy } from "../../../src/core/managed-key.ts";
import type { Inspected, Work } from "../../../src/core/work.ts";
import { inspect } from "../../../src/rotation/inspect.ts";
import type { KeyOptions } from "../../support/paddle-simulator/account/dashboard.ts";
import { revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { authenticate } from "../../support/paddle-simulator/account/authenticate.ts";
import { startRotation } from "../../support/paddle-simulator/account/rotate.ts";
import { issuedBy, World } from "../reconcile/world.ts";

const TERMS = { graceSeconds: 3600, newKeyExpiresAt: undefined };

function setUp(policy: Partial<RotationPolicy> = {}, options: KeyOptions = {}) {
  const world = new World();
  const managed = world.manage("billing", options, policy);
  const look = (inspected: Inspected, key: ManagedKey | null = managed.key) => {
    const intent = { id: "evt_1", kind: "foreign-rotation", requestedAt: world.clock.now() } as const;
    const work: Work = {
      job: "inspect",
      keyName: null,
      keyId: managed.keyId,
      intent,
      eventId: "evt_1",
      inspected,
    };
    return inspect(work, key, world.hold, { ...world.ports, rotatesAt: () => null });
  };
  const rotateAsStranger = () => startRotation(world.account, managed.paddleKey(), TERMS);
  return {
    ...managed,
    world,
    look,
    rotateAsStranger,
    lookAt: (rotationId: string) => look({ what: "rotation", rotationId }),
  };
}

const ALERT: Partial<RotationPolicy> = { foreignRotation: "alert" };
const COUNTER: Partial<RotationPolicy> = { foreignRotation: "counter" };

describe("a rotation that Paddle tells of", () => {
  it("and that is in the records is ours, without a request to Paddle", async () => {
    const { world, keyId, rotateAsStranger, lookAt, paddleKey } = setUp();
    const rotation = rotateAsStranger();
    await rememberIssued(world.records, keyId, issuedBy(rotation));
    const usedAt = paddleKey().lastUsedAt;
    expect(await lookAt(rotation.id)).toMatchObject({ kind: "done", result: "ours" });
    expect(paddleKey().lastUsedAt).toBe(usedAt);
  });

  it("and that was cancelled since is noted, and nobody is told", async () => {
    const { world, rotateAsStranger, lookAt } = setUp(COUNTER);
    const lost = rotateAsStranger();
    rotateAsStranger();
    expect(await lookAt(lost.id)).toMatchObject({ kind: "done", result: "cancelled" });
    expect(world.kinds).toEqual([]);
  });

  it("while a job of ours may have lost the answer is looked at every 30 s for 10 minutes, then told", async () => {
    const { world, keyId, rotateAsStranger, lookAt } = setUp(ALERT);
    const rotation = rotateAsStranger();
    await rememberIssuing(world.records, keyId, "evt_ours");
    world.queue.unfinished.add("evt_ours");
    expect(await lookAt(rotation.id)).toMatchObject({ kind: "wait", at: world.clock.now() + 30_000 });
    await world.clock.advance(10 * 60_000);
    expect(await lookAt(rotation.id)).toMatchObject({ kind: "needs-person" });
    expect(world.kinds).toEqual(["foreign-rotation"]);
  });

  it("and that is pending and nobody's pages a person at once, saying where to revoke", async () => {
    const { world, keyId, rotateAsStranger, lookAt } = setUp(ALERT);
    await lookAt(rotateAsStranger().id);
    const [alert] = world.raised.values();
    expect(alert).toMatchObject({ kind: "foreign-rotation", severity: "critical", keyId });
    expect(alert?.action).toContain(`revoke ${keyId} in Paddle > Developer tools > Authentication`);
    expect(world.taken()).toEqual([]);
  });

  it("is countered once in 24 h where the policy says so, and once only if the job runs twice", async () => {
    const { world, rotateAsStranger, lookAt } = setUp(COUNTER);
    const first = rotateAsStranger();
    await lookAt(first.id);
    await lookAt(first.id);
    const work = `revoke-first foreign-rotation counter-${first.id}`;
    expect(new Set(world.taken())).toEqual(new Set([work]));
    await world.clock.advance(24 * 60 * 60_000 - 1);
    await lookAt(rotateAsStranger().id);
    expect(world.taken()).toEqual([]);
    expect(world.kinds).toEqual(["foreign-rotation-countered", "foreign-rotation"]);
    await world.clock.advance(1);
    await lookAt(rotateAsStranger().id);
    expect(world.taken()).toHaveLength(1);
  });

  it("and that somebody else has completed is a takeover while our secret still works", async () => {
    const { world, rotateAsStranger, lookAt } = setUp(COUNTER);
    const rotation = rotateAsStranger();
    authenticate(world.account, rotation.newSecret);
    expect(await lookAt(rotation.id)).toMatchObject({ kind: "needs-person" });
    const [alert] = world.raised.values();
    expect(alert).toMatchObject({ kind: "takeover", severity: "critical" });
    expect(alert?.happened).toContain(`dies at ${new Date(world.clock.now() + 3_600_000).toISOString()}`);
  });

  it("and that was completed before one of ours is only warned of", async () => {
    const { world, keyId, rotateAsStranger, lookAt } = setUp();
    const theirs = rotateAsStranger();
    authenticate(world.account, theirs.newSecret);
    await world.clock.advance(1000);
    const ours = rotateAsStranger();
    await rememberIssued(world.records, keyId, issuedBy(ours));
    authenticate(world.account, ours.newSecret);
    expect(await lookAt(theirs.id)).toMatchObject({ result: "outrun" });
    expect(world.kinds).toEqual(["foreign-rotation-past"]);
  });

  it("has the engine look when Paddle refuses the active secret", async () => {
    const { world, keyId, rotateAsStranger, lookAt } = setUp();
    const rotation = rotateAsStranger();
    revoke(world.account, keyId, { by: "user" });
    expect(await lookAt(rotation.id)).toMatchObject({ result: "active-refused" });
    expect(world.taken()).toEqual([expect.stringContaining(`rotate resume refused-${keyId}`)]);
  });

  it("and that Paddle does not know, or of a key that is nobody's, is no news", async () => {
    const { world, look, lookAt } = setUp();
    expect(await lookAt("apkrot_none")).toMatchObject({ result: "unknown-rotation" });
    expect(await look({ what: "rotation", rotationId: "apkrot_1" }, null)).toMatchObject({
      result: "not-managed",
    });
    expect(world.kinds).toEqual([]);
  });
});

describe("a key that Paddle tells of", () => {
  const KEY: Inspected = { what: "key", event: "updated" };

  it("and that is not managed is mentioned once", async () => {
    const { world, look } = setUp();
    await look(KEY, null);
    await look(KEY, null);
    expect(world.kinds).toEqual(["unmanaged-key-seen"]);
  });

  it("is warned of once for each thing that is wrong with it", async () => {
    const expiresAt = Date.UTC(2026, 10, 27);
    const { world, look } = setUp({}, { rotatable: false, expiresAt });
    await look(KEY);
    await look(KEY);
    expect(world.kinds).toEqual(["key-not-rotatable", "expiry-unplanned"]);
  });

  it("tells that it works again after people were paged about its end", async () => {
    const { world, keyId, look } = setUp();
    await world.records.putIfAbsent("ended", keyId, { at: 0 });
    await look(KEY);
    await look(KEY);
    expect(world.kinds).toEqual(["key-reactivated"]);
  });

  it.each([
    ["and that our own rotation changed costs no request", 9, false],
    ["and that was changed later is looked at", 11, true],
  ])("%s", async (_promise, minutes, isAsked) => {
    const { world, key, look, paddleKey } = setUp();
    const { slots, version } = await key.store.read();
    if (!slots.active) throw new Error("there is no active secret");
    await key.store.write({ ...slots, active: { ...slots.active, issuedAt: world.clock.now() } }, version);
    await world.clock.advance(minutes * 60_000);
    expect(paddleKey().lastUsedAt).toBeNull();
    await look(KEY);
    expect(paddleKey().lastUsedAt !== null).toBe(isAsked);
  });
});
