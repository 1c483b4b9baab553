/** What can be learnt of the account with the secret of one key: other keys, past events, where webhooks go. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { DAY_MS, openWorld } from "./simulated-world.ts";

describe("reading the account", () => {
  const permissions = ["api_key.read", "notification.read", "notification_setting.read"];

  it("finds another key, dead or alive, without using any of its secrets", async () => {
    await using world = await openWorld();
    const { clock, paddle, simulator } = world;
    const reader = new Secret(simulator.createKey({ permissions }).secret);
    const other = simulator.createKey({ name: "Reports", permissions: ["price.read"] });
    expect(await paddle.readKey(other.id, reader)).toMatchObject({ status: "active", lastUsedAt: null });
    const usedAt = clock.now();
    await paddle.ask(other.id, new Secret(other.secret));
    await clock.advance(DAY_MS);
    simulator.revoke(other.id, { by: "user" });
    expect(await paddle.readKey(other.id, reader)).toMatchObject({
      id: other.id,
      name: "Reports",
      status: "revoked",
      permissions: ["price.read"],
      lastUsedAt: usedAt,
    });
  });

  it("activates nothing: a pending secret of the other key stays pending", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const reader = new Secret(simulator.createKey({ permissions }).secret);
    const other = simulator.createKey();
    await paddle.createRotation(other.id, new Secret(other.secret), { graceSeconds: 0 });
    await paddle.readKey(other.id, reader);
    expect(simulator.activatedRotations(other.id)).toBe(0);
  });

  it("says which permission is missing and which credential is dead, by Paddle's code", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const plain = new Secret(simulator.createKey().secret);
    const other = simulator.createKey({ permissions });
    const reads = [
      paddle.readKey(other.id, plain),
      paddle.listEvents(plain, { after: null, types: [] }),
      paddle.listDestinations(plain),
    ];
    for (const read of reads)
      await expect(read).rejects.toMatchObject({ code: "forbidden", effect: "none", retry: "never" });
    simulator.revoke(other.id, { by: "user" });
    await expect(paddle.readKey(other.id, new Secret(other.secret))).rejects.toMatchObject({
      code: "invalid_token",
    });
    const reader = new Secret(simulator.createKey({ permissions }).secret);
    await expect(paddle.readKey("apikey_00000000000000000000000000", reader)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each([0, 1, 200, 201, 450])(
    "catches up on %i events, each once and in order, page by page",
    async (count) => {
      await using world = await openWorld();
      const { paddle, simulator } = world;
      const reader = new Secret(simulator.createKey({ permissions }).secret);
      const seen = simulator.events.at(-1)?.id ?? null;
      const types = ["api_key.created"];
      while (simulator.events.length < count + 1) simulator.createKey();
      const read: string[] = [];
      let page = await paddle.listEvents(reader, { after: seen, types });
      for (; page.length > 0; page = await paddle.listEvents(reader, { after: read.at(-1) ?? null, types }))
        read.push(...page.map(({ id }) => id));
      expect(read).toEqual(simulator.events.slice(1).map(({ id }) => id));
    },
  );

  it("gives past events as webhooks carry them, and only those of the types asked for", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const reader = new Secret(simulator.createKey({ permissions }).secret);
    const { id } = simulator.createKey();
    simulator.expose(id);
    const types = ["api_key_exposure.created", "api_key.revoked"];
    const listed = await paddle.listEvents(reader, { after: null, types });
    expect(listed).toEqual(
      simulator.events.slice(-2).map((event) => ({
        id: event.id,
        body: {
          event_id: event.id,
          event_type: event.type,
          occurred_at: "2026-11-21T00:00:00Z",
          data: event.data,
        },
      })),
    );
  });

  it.each(["listed", "left-out"] as const)(
    "finds destinations that are on and off, without their secrets, where those that are off are %s by default",
    async (inactiveDestinations) => {
      await using world = await openWorld({ switches: { inactiveDestinations } });
      const { paddle, simulator } = world;
      const reader = new Secret(simulator.createKey({ permissions }).secret);
      const on = simulator.addDestination({ url: "http://127.0.0.1:9/on", events: ["api_key.expiring"] });
      const off = simulator.addDestination({ url: "http://127.0.0.1:9/off", events: [] });
      simulator.switchDestination(off.id, false);
      const found = await paddle.listDestinations(reader);
      expect(found).toEqual([
        { id: on.id, url: "http://127.0.0.1:9/on", active: true, subscribedEvents: ["api_key.expiring"] },
        { id: off.id, url: "http://127.0.0.1:9/off", active: false, subscribedEvents: [] },
      ]);
      for (const { secret } of [on, off]) expect(JSON.stringify(found)).not.toContain(secret);
    },
  );

  it("finds all of many destinations", async () => {
    await using world = await openWorld();
    const { paddle, simulator } = world;
    const reader = new Secret(simulator.createKey({ permissions }).secret);
    for (let made = 0; made < 60; made += 1) {
      const { id } = simulator.addDestination({ url: `http://127.0.0.1:9/${made}`, events: [] });
      if (made >= 10) simulator.switchDestination(id, false);
    }
    expect(new Set((await paddle.listDestinations(reader)).map(({ url }) => url)).size).toBe(60);
  });
});
