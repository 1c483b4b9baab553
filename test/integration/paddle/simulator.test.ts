/** The client against a Paddle that keeps its own state: what it promises the rotation engine. */
import { describe, expect, it } from "vitest";
import type { PaddleApi } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { SimulatorOptions } from "../../support/paddle-simulator/start.ts";
import { until } from "../../support/until.ts";
import { DAY_MS, openWorld } from "./simulated-world.ts";

describe("a rotation at Paddle", () => {
  it("is pending until the new secret is asked with, and then the old one dies at the end of its grace", async () => {
    await using world = await openWorld();
    const { clock, paddle, simulator } = world;
    const key = simulator.createKey({ expiresAt: clock.now() + 5 * DAY_MS });
    const oldSecret = new Secret(key.secret);
    const newKeyExpiresAt = clock.now() + 90 * DAY_MS;

    const terms = { graceSeconds: 3_600, newKeyExpiresAt };
    const { rotation, newSecret } = await paddle.createRotation(key.id, oldSecret, terms);
    expect(rotation).toMatchObject({
      keyId: key.id,
      status: "pending",
      graceSeconds: 3_600,
      expiresAt: null,
    });
    expect(simulator.isAlive(newSecret.reveal())).toBe(true);

    // Nothing that uses the old secret activates the new one.
    expect(await paddle.ask(key.id, oldSecret)).toMatchObject({ accepted: true });
    expect(await paddle.getRotation(key.id, rotation.id, oldSecret)).toEqual(rotation);
    expect(await paddle.listRotations(key.id, oldSecret)).toEqual([rotation]);
    expect(simulator.activatedRotations(key.id)).toBe(0);

    expect(await paddle.ask(key.id, newSecret)).toMatchObject({
      accepted: true,
      key: { id: key.id, status: "active", expiresAt: newKeyExpiresAt },
    });
    expect(simulator.activatedRotations(key.id)).toBe(1);
    expect(await paddle.getRotation(key.id, rotation.id, newSecret)).toMatchObject({
      status: "completed",
      expiresAt: clock.now() + 3_600_000,
    });

    await clock.advance(3_599_000);
    expect(await paddle.ask(key.id, oldSecret)).toMatchObject({ accepted: true });
    await clock.advance(1_000);
    expect(await paddle.ask(key.id, oldSecret)).toEqual({ accepted: false });
    expect(await paddle.ask(key.id, newSecret)).toMatchObject({ accepted: true });
  });

  it("whose answer was lost may have happened, and issuing again cancels it", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const key = simulator.createKey();
    const secret = new Secret(key.secret);
    simulator.faults.add({ when: { method: "POST" }, do: { kind: "lose-response" } });
    await expect(paddle.createRotation(key.id, secret, { graceSeconds: 0 })).rejects.toMatchObject({
      code: "no_answer",
      effect: "unknown",
      retry: "later",
    });
    expect(simulator.key(key.id).rotations).toHaveLength(1);
    const again = await paddle.createRotation(key.id, secret, { graceSeconds: 0 });
    const rotations = await paddle.listRotations(key.id, secret);
    expect(rotations.map(({ status }) => status)).toEqual(["canceled", "pending"]);
    expect(rotations.at(-1)?.id).toBe(again.rotation.id);
  });

  it("that did not arrive did not happen, though the client cannot know", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const key = simulator.createKey();
    simulator.faults.add({ when: { method: "POST" }, do: { kind: "reset" } });
    await expect(
      paddle.createRotation(key.id, new Secret(key.secret), { graceSeconds: 0 }),
    ).rejects.toMatchObject({
      effect: "unknown",
    });
    expect(simulator.key(key.id).rotations).toEqual([]);
  });

  it("is refused with the field that Paddle finds fault with", async () => {
    await using world = await openWorld({ switches: { newExpiry: "refuse" } });
    const { clock, paddle, simulator } = world;
    const key = simulator.createKey();
    const terms = { graceSeconds: 0, newKeyExpiresAt: clock.now() + DAY_MS };
    await expect(paddle.createRotation(key.id, new Secret(key.secret), terms)).rejects.toMatchObject({
      code: "bad_request",
      fields: ["new_key_expires_at"],
      effect: "none",
      retry: "never",
    });
  });

  it("is refused for a key that was made without it", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const key = simulator.createKey({ rotatable: false });
    const secret = new Secret(key.secret);
    expect(await paddle.ask(key.id, secret)).toMatchObject({ accepted: true, key: { rotatable: false } });
    await expect(paddle.createRotation(key.id, secret, { graceSeconds: 0 })).rejects.toMatchObject({
      code: "api_key_cannot_be_rotated",
      retry: "never",
    });
  });

  it.each<SimulatorOptions["switches"] & {}>([
    { createStatus: 200 },
    { newKeyOnGet: "never" },
    { newKeyInList: false },
    { rotationTimes: false },
    { pendingExpiresAt: "absent" },
    { rotationEchoesNewExpiry: true },
  ])("is understood whichever way the documentation's gaps are filled: %o", async (switches) => {
    await using world = await openWorld({ switches });
    const { paddle, simulator } = world;
    const key = simulator.createKey();
    const { rotation, newSecret } = await paddle.createRotation(key.id, new Secret(key.secret), {
      graceSeconds: 60,
    });
    expect(await paddle.ask(key.id, newSecret)).toMatchObject({ accepted: true });
    const completed = { id: rotation.id, status: "completed", graceSeconds: 60 };
    expect(await paddle.getRotation(key.id, rotation.id, newSecret)).toMatchObject(completed);
    expect(await paddle.listRotations(key.id, newSecret)).toMatchObject([completed]);
  });
});

describe("a key at Paddle", () => {
  it("that is revoked is answered with no", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const key = simulator.createKey();
    simulator.revoke(key.id, { by: "user" });
    expect(await paddle.ask(key.id, new Secret(key.secret))).toEqual({ accepted: false });
  });

  it("may be a legacy key", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const key = simulator.createKey({ legacy: true });
    expect(await paddle.ask(key.id, new Secret(key.secret))).toMatchObject({
      accepted: true,
      key: { permissions: null, rotatable: false },
    });
  });

  it("cannot list all keys without the permission, which is no word on the credential", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const secret = new Secret(simulator.createKey().secret);
    await expect(paddle.listKeys(secret)).rejects.toMatchObject({ code: "forbidden", status: 403 });
  });

  it.each([199, 200, 201, 450])("lists all %i keys with it", async (count) => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const reader = simulator.createKey({ permissions: ["api_key.read"] });
    const ids = [reader.id];
    while (ids.length < count) ids.push(simulator.createKey().id);
    const listed = (await paddle.listKeys(new Secret(reader.secret))).map(({ id }) => id);
    expect(listed.toSorted((a, b) => a.localeCompare(b))).toEqual(ids.toSorted((a, b) => a.localeCompare(b)));
    expect(simulator.requests).toHaveLength(Math.ceil(count / 200));
  });
});

describe("Paddle's own rate limit", () => {
  it("refuses one call and none after it", async () => {
    await using world = await openWorld({ switches: { requestsPerMinute: 5 } });
    const { clock, paddle, simulator } = world;
    const key = simulator.createKey();
    const ask = () => paddle.ask(key.id, new Secret(key.secret));
    for (let calls = 0; calls < 5; calls++) await ask();
    await expect(ask()).rejects.toMatchObject({ code: "too_many_requests", effect: "none", retry: "later" });
    const waiting = ask();
    await clock.untilSleeping();
    await clock.advance(60_000);
    expect(await waiting).toMatchObject({ accepted: true });
    expect(simulator.requests.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it("is never met with a share below it, however many calls come at once", async () => {
    await using world = await openWorld({ switches: { requestsPerMinute: 240 } });
    const { clock, paddle, simulator } = world;
    const key = simulator.createKey();
    const ask = (api: PaddleApi) => api.ask(key.id, new Secret(key.secret));
    const answered = () => simulator.requests.filter((request) => request.answered).length;
    const ordinary = Promise.all(Array.from({ length: 290 }, () => ask(paddle)));
    await until("all but the reserve", () => answered() === 184);
    const urgent = Promise.all(Array.from({ length: 60 }, () => ask(paddle.urgent)));
    await until("a full share", () => answered() === 200);
    await clock.advance(59_999);
    expect(simulator.requests).toHaveLength(200);
    await clock.advance(1);
    expect(await urgent).toHaveLength(60);
    expect(await ordinary).toHaveLength(290);
    expect(simulator.requests.filter(({ status }) => status === 429)).toEqual([]);
  });
});

describe("the probe", () => {
  it("finds Paddle without a key", async () => {
    await using world = await openWorld();
    await world.paddle.probe("sandbox");
    expect(world.simulator.requests).toMatchObject([
      { method: "GET", path: "/", fingerprint: null, status: 200 },
    ]);
  });
});
