/** The list of events, from which a receiver catches up on webhooks that it missed. */
import { describe, expect, it } from "vitest";
import { DAY, openWorld } from "./in-memory.ts";

describe("GET /events", () => {
  it("gives the newest first, and the oldest first when asked", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions: ["notification.read"] });
    world.createKey();
    const ids = world.account.events.map(({ id }) => id);
    const listed = (query: string) =>
      world.call("GET", `/events${query}`, { secret }).many.map((event) => event["event_id"]);
    expect(listed("")).toEqual(ids.toReversed());
    expect(listed("?order_by=id[ASC]")).toEqual(ids);
  });

  it("reaches back 90 days to the millisecond", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions: ["notification.read"], expiresAt: null });
    world.clock.advance(90 * DAY);
    expect(world.call("GET", "/events", { secret }).many).toHaveLength(1);
    world.clock.advance(1);
    expect(world.call("GET", "/events", { secret }).many).toHaveLength(0);
  });

  it("can be narrowed to types, and counts what is left", () => {
    const world = openWorld();
    const { id, current } = world.createKey({ permissions: ["notification.read"] });
    const secret = world.rotate(id, current);
    const path = "/events?event_type=api_key_rotation.created,api_key_rotation.updated";
    const { many, pagination } = world.call("GET", path, { secret });
    expect(many.map((event) => event["event_type"])).toEqual([
      "api_key_rotation.updated",
      "api_key_rotation.created",
    ]);
    expect(pagination).toMatchObject({ estimated_total: 2 });
  });

  it("can be read to its end in pages, of some types only and after an event of another type", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions: ["notification.read"] });
    const { id, current } = world.createKey();
    let newest = current;
    for (let rotations = 0; rotations < 7; rotations += 1) newest = world.rotate(id, newest);
    const wanted = world.account.events.filter(({ type }) => type === "api_key_rotation.created");
    expect(wanted).toHaveLength(7);
    const read: unknown[] = [];
    let after = world.account.events[1]?.id;
    for (let hasMore = true; hasMore;) {
      const query = `order_by=id[ASC]&per_page=3&event_type=api_key_rotation.created&after=${after}`;
      const { many, pagination } = world.call("GET", `/events?${query}`, { secret });
      read.push(...many.map((event) => event["event_id"]));
      after = String(read.at(-1));
      hasMore = pagination["has_more"] === true;
    }
    expect(read).toEqual(wanted.map((event) => event.id));
  });

  it("resumes after the last event seen without a gap, also within a millisecond", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions: ["notification.read"] });
    for (let made = 0; made < 20; made += 1) world.createKey();
    const ids = world.account.events.map(({ id }) => id);
    const after = ids[6];
    const { many } = world.call("GET", `/events?order_by=id[ASC]&after=${after}`, { secret });
    expect(many.map((event) => event["event_id"])).toEqual(ids.slice(7));
  });
});
