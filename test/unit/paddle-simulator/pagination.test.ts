/** Lists in pages, walked the way a client would. */
import { describe, expect, it } from "vitest";
import { openWorld } from "./in-memory.ts";
import { gist } from "./parsed.ts";

function worldOf(count: number) {
  const world = openWorld({ requestsPerMinute: null });
  const { current: secret } = world.createKey({ permissions: ["api_key.read"] });
  for (let made = 1; made < count; made += 1) world.createKey();
  const ids = [...world.account.keys.keys()];
  const list = (query = "", headers = {}) => world.call("GET", `/api-keys${query}`, { secret, headers });
  return { ids, list };
}

describe("a list", () => {
  it("gives 50 a page unless asked, and at most 200", () => {
    const { list } = worldOf(201);
    const lengths = ["", "?per_page=1", "?per_page=200", "?per_page=999"].map(
      (query) => list(query).many.length,
    );
    expect(lengths).toEqual([50, 1, 200, 200]);
    expect(list("?per_page=999").pagination).toMatchObject({ per_page: 200, has_more: true });
  });

  it.each(["id[ASC]", "id[DESC]"])("is complete and in order when followed by %s", (order) => {
    const { ids, list } = worldOf(11);
    const seen: unknown[] = [];
    let query = `?per_page=5&order_by=${order}`;
    for (let hasMore = true; hasMore;) {
      const { many, pagination } = list(query);
      seen.push(...many.map((key) => key["id"]));
      hasMore = pagination["has_more"] === true;
      const next = new URL(String(pagination["next"]));
      expect(next.origin + next.pathname).toBe("http://paddle.test/api-keys");
      query = next.search;
    }
    expect(seen).toEqual(order === "id[ASC]" ? ids : ids.toReversed());
  });

  it("says where to go on even on its last page", () => {
    const { ids, list } = worldOf(2);
    expect(list().pagination).toEqual({
      per_page: 50,
      next: `http://paddle.test/api-keys?after=${ids[1]}`,
      has_more: false,
      estimated_total: 2,
    });
  });

  it("that ends exactly with a page has no more", () => {
    const { list } = worldOf(5);
    expect(list("?per_page=5").pagination).toMatchObject({ has_more: false });
    expect(list("?per_page=4").pagination).toMatchObject({ has_more: true });
  });

  it("does not count when told to skip it", () => {
    const { list } = worldOf(3);
    expect(list("", { "skip-count": "true" }).pagination).toMatchObject({ estimated_total: -1 });
    expect(list("", { "skip-count": "false" }).pagination).toMatchObject({ estimated_total: 3 });
  });

  it.each([
    ["per_page", "?per_page=0"],
    ["per_page", "?per_page=ten"],
    ["after", "?after=42"],
    ["order_by", "?order_by=name[ASC]"],
  ])("refuses a bad %s: %s", (field, query) => {
    const answer = worldOf(1).list(query);
    expect(gist(answer)).toBe("400 bad_request");
    expect(answer.error["errors"]).toMatchObject([{ field }]);
  });
});

describe("the list of rotations", () => {
  it("can be narrowed to ids", () => {
    const world = openWorld();
    const { id, current: secret } = world.createKey();
    for (let made = 0; made < 3; made += 1) world.rotate(id, secret);
    const [first, , third] = world.key(id).rotations.map((rotation) => rotation.id);
    const { many } = world.call("GET", `/api-keys/${id}/rotations?id=${first},${third}`, { secret });
    expect(many.map((rotation) => rotation["id"])).toEqual([first, third]);
  });
});
