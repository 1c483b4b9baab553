/** Where webhooks go, as `GET /notification-settings` tells it to whoever may read it. */
import { describe, expect, it } from "vitest";
import { addDestination, switchDestination } from "../../support/paddle-simulator/account/destinations.ts";
import { openWorld } from "./in-memory.ts";
import { gist } from "./parsed.ts";

const PATH = "/notification-settings";

function openReader(...[switches]: Parameters<typeof openWorld>) {
  const world = openWorld(switches);
  const { current: secret } = world.createKey({ permissions: ["notification_setting.read"] });
  const add = (url: string) => addDestination(world.account, { url });
  const list = (query = "") => world.call("GET", `${PATH}${query}`, { secret });
  return { ...world, add, list, ids: (query = "") => list(query).many.map(({ id }) => id) };
}

describe("GET /notification-settings", () => {
  it("shows a destination as in the example, with the secret that its webhooks are signed with", () => {
    const { account, list } = openReader();
    const { id, secret } = addDestination(account, {
      url: "https://keys.example.com/paddle",
      events: ["api_key.expiring"],
    });
    const { status, many, meta, pagination } = list();
    expect(status).toBe(200);
    expect(many).toEqual([
      {
        id,
        description: expect.any(String),
        type: "url",
        destination: "https://keys.example.com/paddle",
        active: true,
        api_version: 1,
        include_sensitive_fields: false,
        traffic_source: "platform",
        subscribed_events: [
          {
            name: "api_key.expiring",
            description: expect.any(String),
            group: "API key",
            available_versions: [1],
          },
        ],
        endpoint_secret_key: secret,
      },
    ]);
    expect(meta).toHaveProperty("request_id");
    expect(pagination).toMatchObject({ per_page: 200, has_more: false, estimated_total: 1 });
  });

  it("needs notification_setting.read, or write", () => {
    const world = openWorld();
    const asked = (permission: string) =>
      gist(world.call("GET", PATH, { secret: world.createKey({ permissions: [permission] }).current }));
    expect(asked("notification.read")).toBe("403 forbidden");
    expect(asked("notification_setting.read")).toBe("200");
    expect(asked("notification_setting.write")).toBe("200");
  });

  it("gives the newest first, page by page", () => {
    const { add, ids, list } = openReader();
    const added = ["a", "b", "c"].map((name) => add(`https://${name}.example/`).id);
    expect(ids()).toEqual(added.toReversed());
    expect(ids("?order_by=id[ASC]")).toEqual(added);
    const first = list("?per_page=2");
    expect(first.many.map(({ id }) => id)).toEqual([added[2], added[1]]);
    expect(first.pagination).toMatchObject({ has_more: true });
    expect(ids(`?per_page=2&after=${added[1]}`)).toEqual([added[0]]);
  });

  it("can be narrowed to those that are on, or off", () => {
    const { account, add, ids, list } = openReader();
    const [on, off] = [add("https://on.example/").id, add("https://off.example/").id];
    switchDestination(account, off, false);
    expect(ids("?active=true")).toEqual([on]);
    expect(ids("?active=false")).toEqual([off]);
    expect(gist(list("?active=maybe"))).toBe("400 bad_request");
  });

  it.each([
    ["listed", 2],
    ["left-out", 1],
  ] as const)("may have those that are off %s where nobody asks for them", (inactiveDestinations, count) => {
    const { account, add, ids } = openReader({ inactiveDestinations });
    add("https://on.example/");
    switchDestination(account, add("https://off.example/").id, false);
    expect(ids()).toHaveLength(count);
  });

  it("cannot be told to switch one that is not there", () => {
    expect(() => switchDestination(openWorld().account, "ntfset_none", false)).toThrow("ntfset_none");
  });
});
