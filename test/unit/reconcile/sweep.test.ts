/** What a sweep finds without any webhook, and what it makes of it. */
import { describe, expect, it } from "vitest";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import { rememberIssued, rememberIssuing } from "../../../src/core/issued-rotations.ts";
import { Secret } from "../../../src/core/secret.ts";
import { resumeWork } from "../../../src/core/resume-work.ts";
import { EMPTY_SLOTS, unknownOrigin } from "../../../src/core/slots.ts";
import { sweep } from "../../../src/reconcile/sweep.ts";
import { authenticate } from "../../support/paddle-simulator/account/authenticate.ts";
import { createKey, revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { expose } from "../../support/paddle-simulator/account/expose.ts";
import { startRotation } from "../../support/paddle-simulator/account/rotate.ts";
import { FaultyStore, MemoryStore } from "../../support/memory-store.ts";
import { DAY_MS, EVERY_MS, issuedBy, World } from "./world.ts";

const sweepOf = (world: World, ...keys: ManagedKey[]) => sweep({ ...world.ports, keys });
const TERMS = { graceSeconds: 3600, newKeyExpiresAt: undefined };

describe("a sweep", () => {
  it("leaves a healthy key alone", async () => {
    const world = new World();
    const { key } = world.manage("billing");
    expect(await sweepOf(world, key)).toMatchObject({ keys: 1, asked: 1, put: 0, faults: [] });
    expect(world.taken()).toEqual([]);
    expect(world.kinds).toEqual([]);
  });

  it("rotates a key 7 days before its expiry, and not 7 days and a minute before, and always as one job", async () => {
    const world = new World();
    const expiresAt = world.clock.now() + 7 * DAY_MS + 60_000;
    const { key, keyId } = world.manage("billing", { expiresAt });
    await sweepOf(world, key);
    expect(world.taken()).toEqual([]);
    await world.clock.advance(60_000);
    await sweepOf(world, key);
    await sweepOf(world, key);
    expect(new Set(world.taken())).toEqual(new Set([`rotate expiring expiring-${keyId}-${expiresAt}`]));
  });

  it("counts the age of a secret that a person put there from when it was first seen", async () => {
    const world = new World();
    const { key, store } = world.manage("billing", { expiresAt: null }, { everyMs: 60 * DAY_MS });
    await sweepOf(world, key);
    await world.clock.advance(60 * DAY_MS - 1);
    await sweepOf(world, key);
    expect(world.taken()).toEqual([]);
    await world.clock.advance(1);
    await sweepOf(world, key);
    const print = store.slots.active?.secret.fingerprint().slice("sha256:".length);
    expect(world.taken()).toEqual([expect.stringMatching(`^rotate scheduled scheduled-apikey_.*-${print}$`)]);
  });

  it("has an exposure dealt with that no webhook told of", async () => {
    const world = new World();
    const { key, keyId } = world.manage("billing");
    await sweepOf(world, key);
    await world.clock.advance(1_000);
    expose(world.account, keyId, { revoke: false });
    await sweepOf(world, key);
    expect(world.taken()).toEqual([`revoke-first exposed exposed-${keyId}-${world.clock.now()}`]);
  });

  it("leaves it to a person to end a secret that may be younger than the exposure of its key", async () => {
    const world = new World();
    const { key, keyId } = world.manage("billing");
    expose(world.account, keyId, { revoke: false });
    await world.clock.advance(1_000);
    await sweepOf(world, key);
    expect(world.taken()).toEqual([]);
    expect(world.kinds).toContain("maybe-exposed");
  });

  it("resumes what is staged only when no job looks after it", async () => {
    const world = new World();
    const { key, store, paddleKey } = world.manage("billing");
    const rotation = startRotation(world.account, paddleKey(), TERMS);
    const { slots, version } = await store.read();
    const origin = { rotationId: rotation.id, issuedAt: world.clock.now(), intentId: "evt_1" };
    const pending = {
      ...origin,
      secret: new Secret(rotation.newSecret),
      mode: "graceful",
      graceSeconds: 3600,
    } as const;
    await store.write({ ...slots, pending }, version);
    world.queue.unfinished.add("evt_1");
    await sweepOf(world, key);
    expect(world.taken()).toEqual([]);
    world.queue.unfinished.clear();
    await sweepOf(world, key);
    const [resume] = world.queue.puts;
    expect(world.taken()).toEqual([
      expect.stringMatching(/^rotate resume resume-apikey_\w+-[\da-f]{16}-[\da-f]{16}-none$/),
    ]);
    world.queue.unfinished.add(resume?.intent.id ?? "");
    await sweepOf(world, key);
    expect(world.taken()).toEqual([]);
    expect(rotation.status).toBe("pending");
  });

  it("resumes an exposure's rotation as one, and the overlap of a replacement under the former key's id", async () => {
    const world = new World();
    const first = world.manage("billing");
    const second = world.manage("reports");
    const pending = {
      ...unknownOrigin(new Secret(`pdl_sdbx_${first.keyId}_${"a".repeat(22)}_abc`)),
      mode: "revoke-first",
      graceSeconds: 0,
    } as const;
    const before = await first.store.read();
    await first.store.write({ ...before.slots, pending }, before.version);
    const former = createKey(world.account, {});
    const there = await second.store.read();
    const old = { ...unknownOrigin(new Secret(former.current)), until: null };
    await second.store.write({ ...there.slots, old }, there.version);
    await sweepOf(world, first.key, second.key);
    expect(new Map(world.queue.puts.map(({ job, keyId }) => [job, keyId]))).toEqual(
      new Map([
        ["revoke-first", first.keyId],
        ["replace", former.id],
      ]),
    );
  });

  it("has the engine find out why Paddle refuses the active secret, once a day while it lasts", async () => {
    const world = new World();
    const { key, keyId } = world.manage("billing");
    revoke(world.account, keyId, { by: "user" });
    // A job that waits for the end of a grace does not ask the active secret.
    await rememberIssuing(world.records, keyId, "evt_1");
    world.queue.unfinished.add("evt_1");
    await sweepOf(world, key);
    await sweepOf(world, key);
    await world.clock.advance(24 * 60 * 60_000);
    await sweepOf(world, key);
    const refused = expect.stringContaining(`rotate resume refused-${keyId}`);
    expect([...new Set(world.taken())]).toEqual([refused, refused]);
  });

  it("tells that the store was put back to before a rotation of ours, at the next sweep and once", async () => {
    const world = new World();
    const { key, keyId, paddleKey } = world.manage("billing");
    const rotation = startRotation(world.account, paddleKey(), TERMS);
    await rememberIssued(world.records, keyId, issuedBy(rotation));
    authenticate(world.account, rotation.newSecret);
    await sweepOf(world, key);
    await world.clock.advance(EVERY_MS);
    await sweepOf(world, key);
    expect(world.kinds).toEqual(["store-restored"]);
    expect([...world.raised.values()][0]).toMatchObject({ severity: "critical", keyName: "billing" });
  });

  it("knows a secret of ours again where the store's note of it was lost, and calls nothing restored or exposed", async () => {
    const world = new World();
    const { key, keyId, paddleKey } = world.manage("billing");
    expose(world.account, keyId, { revoke: false });
    await world.clock.advance(1000);
    const rotation = startRotation(world.account, paddleKey(), TERMS);
    const ours = { ...issuedBy(rotation), issuedAt: world.clock.now(), intentId: "evt_exposed" };
    await rememberIssued(world.records, keyId, ours);
    authenticate(world.account, rotation.newSecret);
    const store = new MemoryStore({ active: unknownOrigin(new Secret(rotation.newSecret)) });
    await sweepOf(world, { ...key, store });
    await world.clock.advance(2 * 60 * 60_000);
    await sweepOf(world, { ...key, store });
    expect(world.kinds).toEqual([]);
    expect(world.taken()).toEqual([]);
  });

  it("finds a rotation that is not ours within a day, and has it looked into", async () => {
    const world = new World();
    const { key, paddleKey } = world.manage("billing");
    await sweepOf(world, key);
    await world.clock.advance(1000);
    const rotation = startRotation(world.account, paddleKey(), { ...TERMS, graceSeconds: 86_400 });
    authenticate(world.account, rotation.newSecret);
    for (let swept = 0; swept < 96; swept += 1) {
      await sweepOf(world, key);
      await world.clock.advance(EVERY_MS);
    }
    expect(world.taken()).toContain(`inspect foreign-rotation found-${rotation.id}`);
  });

  it("goes on with the other keys when one cannot be checked, and says which", async () => {
    const world = new World();
    const broken = world.manage("broken");
    const store = new FaultyStore(broken.store);
    store.failNext("read");
    const due = world.manage("due", { expiresAt: world.clock.now() + DAY_MS });
    const report = await sweepOf(world, { ...broken.key, store }, due.key);
    expect(report.broken).toEqual([{ keyName: "broken", reason: "the store failed on order: read" }]);
    expect(world.taken()).toHaveLength(1);
  });

  it("warns once of a store without a usable secret", async () => {
    const world = new World();
    const { key, store } = world.manage("billing");
    store.edit("active", "legacy0123456789legacy0123456789legacy0123456789ab");
    await sweepOf(world, key);
    await sweepOf(world, key);
    store.edit("active", null);
    await sweepOf(world, key);
    expect(world.kinds).toEqual(["legacy-key", "no-active-secret"]);
  });

  it("never uses a staged or an old secret, and shows no secret", async () => {
    const world = new World();
    const { key, store, paddleKey } = world.manage("billing");
    const rotation = startRotation(world.account, paddleKey(), TERMS);
    store.edit("pending", rotation.newSecret);
    await sweepOf(world, key);
    expect(rotation.status).toBe("pending");
    const shown = JSON.stringify([world.queue.puts, [...world.raised], world.captured.text()]);
    for (const secret of world.account.owners.keys()) expect(shown).not.toContain(secret);
  });
});

describe("the work that resumes", () => {
  const secret = (of: string) => new Secret(`pdl_sdbx_apikey_${"0".repeat(26)}_${of.repeat(22)}_abc`);
  const issued = (of: string, issuedAt: number | null) => ({ ...unknownOrigin(secret(of)), issuedAt });
  const of = (slots: object) =>
    resumeWork({ keyName: "a", keyId: `apikey_${"0".repeat(26)}`, slots: { ...EMPTY_SLOTS, ...slots } }, 99)
      .intent;

  it("is met by the newest secret in flight, so that it issues no other", () => {
    const pending = { ...issued("p", 7), mode: "graceful", graceSeconds: 0 };
    expect(of({ active: issued("a", 5), pending }).requestedAt).toBe(7);
    expect(of({ active: issued("a", 5), old: issued("o", 6), rolledBack: true }).requestedAt).toBe(6);
    expect(of({ active: issued("a", null) }).requestedAt).toBe(99);
  });

  it("has one id for one state of the slots, which a queue takes", () => {
    const slots = { active: issued("a", 5), old: issued("o", 6) };
    expect(of(slots).id).toBe(of(slots).id);
    expect(of(slots).id).not.toBe(of({ ...slots, rolledBack: true }).id);
    expect(of(slots).id).toMatch(/^[\w.-]+$/);
  });
});

describe("a standby", () => {
  async function warnings(spoil: (world: World, standbyId: string) => void, options = {}) {
    const world = new World();
    const { key, store } = world.manage("billing", { permissions: ["transaction.read"] });
    const standby = createKey(world.account, { permissions: ["transaction.read"], ...options });
    store.edit("standby", standby.current);
    spoil(world, standby.id);
    await sweepOf(world, key);
    await sweepOf(world, key);
    return [...world.raised.values()].map(({ kind, happened }) => `${kind}: ${happened}`);
  }

  it("that would do is not spoken of", async () => {
    expect(await warnings(() => {})).toEqual([]);
  });

  it.each([
    ["is dead", "refuses", (world: World, id: string) => revoke(world.account, id, { by: "user" }), {}],
    ["was exposed", "public", (world: World, id: string) => expose(world.account, id, { revoke: false }), {}],
    ["is not rotatable", "without rotation", () => {}, { rotatable: false }],
    ["expires soon", "expires at", () => {}, { expiresAt: Date.UTC(2026, 10, 27) }],
    ["lacks a permission", "transaction.read", () => {}, { permissions: ["price.read"] }],
  ])("that %s is warned of once, before it is needed", async (_what, words, spoil, options) => {
    expect(await warnings(spoil, options)).toEqual([expect.stringMatching(`^standby-unfit: .*${words}`)]);
  });
});

describe("warnings about a key", () => {
  it("are given once for each change, not for each sweep", async () => {
    const world = new World();
    const { key, paddleKey } = world.manage("billing", { expiresAt: null, rotatable: false });
    await sweepOf(world, key);
    await sweepOf(world, key);
    expect(world.kinds).toEqual(["key-not-rotatable", "key-never-rotated"]);
    Object.assign(paddleKey(), { permissions: ["price.read"] });
    await sweepOf(world, key);
    await sweepOf(world, key);
    expect(world.kinds.slice(2)).toEqual(["permissions-changed"]);
    expect([...world.raised.values()][2]?.happened).toContain("lost transaction.read gained price.read");
  });
});
