import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Page, pageOf, readPages } from "../../../src/paddle/pages.ts";

type Item = { readonly id: string };

const items = (count: number): Item[] => Array.from({ length: count }, (_, index) => ({ id: `id_${index}` }));

/** A server's list, and the queries that it was asked with. */
function listOf(all: readonly Item[], perPage: number) {
  const queries: string[] = [];
  const readPage = async (query: string): Promise<Page<Item>> => {
    queries.push(query);
    const after = new URLSearchParams(query).get("after");
    const start = all.findIndex(({ id }) => id === after) + 1;
    return { items: all.slice(start, start + perPage), hasMore: start + perPage < all.length };
  };
  return { queries, readPage };
}

describe("a list", () => {
  it("is asked for in the largest pages, each after the last id of the one before", async () => {
    const { queries, readPage } = listOf(items(5), 2);
    expect(await readPages(readPage)).toEqual(items(5));
    expect(queries).toEqual(["?per_page=200", "?per_page=200&after=id_1", "?per_page=200&after=id_3"]);
  });

  it("may be asked for in part or in smaller pages", async () => {
    const { queries, readPage } = listOf(items(3), 2);
    expect(await readPages(readPage, { active: "true", per_page: "2" })).toEqual(items(3));
    expect(queries).toEqual(["?per_page=2&active=true", "?per_page=2&active=true&after=id_1"]);
  });

  it("is whole and in order whatever its length and Paddle's page size", async () => {
    const sizes = [fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 50 })] as const;
    await fc.assert(
      fc.asyncProperty(...sizes, async (length, perPage) => {
        expect(await readPages(listOf(items(length), perPage).readPage)).toEqual(items(length));
      }),
    );
  });

  it("ends with an empty page even if more are promised", async () => {
    expect(await readPages(async () => ({ items: [], hasMore: true }))).toEqual([]);
  });

  it("is given up as endless when the same page comes again", async () => {
    let pages = 0;
    const readPage = async () => {
      pages += 1;
      return { items: items(3), hasMore: true };
    };
    expect(await readPages(readPage)).toBeNull();
    expect(pages).toBe(2);
  });

  it.each([
    ["50 pages: whole", 50, 50],
    ["51 pages: endless", 51, null],
  ])("has at most %s", async (_what, pages, length) => {
    const whole = await readPages(listOf(items(pages), 1).readPage);
    expect(whole && whole.length).toBe(length);
  });

  it("is not followed to the address that Paddle offers for the next page", async () => {
    const page = pageOf(z.object({ id: z.string() })).parse({
      data: [{ id: "id_0" }],
      meta: {
        pagination: {
          per_page: 1,
          next: "https://evil.example/?after=id_0",
          has_more: true,
          estimated_total: -1,
        },
      },
    });
    expect(page).toEqual({ items: [{ id: "id_0" }], hasMore: true });
  });

  it.each([
    ["it does not say whether there is more", { data: [], meta: { pagination: {} } }],
    ["it has no pagination", { data: [], meta: {} }],
    ["it has no data", { meta: { pagination: { has_more: false } } }],
    ["one item is malformed", { data: [{ id: "id_0" }, {}], meta: { pagination: { has_more: false } } }],
  ])("is not understood if %s, because a part must not be taken for the whole", (_what, body) => {
    expect(pageOf(z.object({ id: z.string() })).safeParse(body).success).toBe(false);
  });
});
