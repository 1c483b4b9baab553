/** What every implementation of the Records port promises. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Forgetting, Json, RecordEntry, Records } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { uniquePrefix } from "../support/unique.ts";

/** Opens the records called `name`; the same name opens the same records, over a connection of its own. */
export type OpenRecords = (name: string) => Promise<Records & Forgetting & AsyncDisposable>;

export function recordsContract(implementation: string, open: OpenRecords): void {
  const openFresh = () => open(uniquePrefix());

  describe(`${implementation}, as Records`, () => {
    it("keeps the first value that is put under an id", async () => {
      await using records = await openFresh();
      expect(await records.putIfAbsent("incident", "evt_1", { at: 1 })).toBe(true);
      expect(await records.putIfAbsent("incident", "evt_1", { at: 2 })).toBe(false);
      expect(await records.get("incident", "evt_1")).toEqual({ at: 1 });
    });

    it("lets exactly one of many simultaneous puts store its value", async () => {
      const name = uniquePrefix();
      await using one = await open(name);
      await using other = await open(name);
      const puts = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? one : other).putIfAbsent("mark", "once", index),
      );
      const stored = await Promise.all(puts);
      expect(stored.filter(Boolean)).toHaveLength(1);
      expect(await other.get("mark", "once")).toBe(stored.indexOf(true));
    });

    it("forgets the older entries of a list when it is told to, and no others", async () => {
      await using records = await openFresh();
      const ids: string[] = [];
      for (const value of [1, 2, 3, 4]) ids.push(await records.append("short", value));
      await records.append("other", 0);
      await records.trim("short", ids[2] ?? "");
      const left = await records.list("short", { limit: 10 });
      expect(left.map(({ value }) => value)).toEqual([4, 3]);
      expect(await records.list("other", { limit: 10 })).toHaveLength(1);
      await records.append("short", 5);
      expect(await records.list("short", { limit: 1 })).toMatchObject([{ value: 5 }]);
    });

    it("tells a value that is null from one that is not there", async () => {
      await using records = await openFresh();
      expect(await records.get("mark", "none")).toBeUndefined();
      expect(await records.putIfAbsent("mark", "none", null)).toBe(true);
      expect(await records.get("mark", "none")).toBeNull();
      expect(await records.putIfAbsent("mark", "none", 1)).toBe(false);
    });

    it("keeps kinds apart, whatever characters they and the ids are made of", async () => {
      await using records = await openFresh();
      const places = [
        ["a", "b:c"],
        ["a:b", "c"],
        ["a", "b"],
        ["a b", "c"],
        ["ä", "'; DROP TABLE x; --"],
      ] as const;
      for (const [kind, id] of places) expect(await records.putIfAbsent(kind, id, [kind, id])).toBe(true);
      for (const [kind, id] of places) expect(await records.get(kind, id)).toEqual([kind, id]);
    });

    it("gives back every JSON value as it was put, the order of its fields included", async () => {
      await using records = await openFresh();
      let count = 0;
      const property = fc.asyncProperty(fc.json(), async (json) => {
        const value: Json = JSON.parse(json);
        const id = `value-${count++}`;
        await records.putIfAbsent("value", id, value);
        await records.append("values", value);
        const text = JSON.stringify(value);
        expect(JSON.stringify(await records.get("value", id))).toBe(text);
        expect(JSON.stringify((await records.list("values", { limit: 1 }))[0]?.value)).toBe(text);
      });
      const awkward = ["\u0000 \ud800 🔑", { b: 1, a: { z: 0, y: [] } }, 1e21, "", {}, [], null];
      await fc.assert(property, { numRuns: 60, examples: awkward.map((value) => [JSON.stringify(value)]) });
    });

    it("lists entries newest first, with ids that grow, as texts too", async () => {
      await using records = await openFresh();
      const ids = [];
      for (let entry = 1; entry <= 12; entry += 1) ids.push(await records.append("audit", entry));
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(12);
      const newestFirst = ids.map((id, index) => ({ id, value: index + 1 })).toReversed();
      expect(await records.list("audit", { limit: 100 })).toEqual(newestFirst);
      expect(await records.list("audit", { limit: 12 })).toEqual(newestFirst);
      expect(await records.list("audit", { limit: 11 })).toEqual(newestFirst.slice(0, 11));
    });

    it("pages through a list without a gap or a repetition while it grows", async () => {
      await using records = await openFresh();
      for (let entry = 1; entry <= 7; entry += 1) await records.append("audit", entry);
      const seen: Json[] = [];
      for (let page = await records.list("audit", { limit: 3 }); page.length > 0;) {
        seen.push(...page.map(({ value }) => value));
        await records.append("audit", "meanwhile");
        const before = page.at(-1)?.id ?? "";
        page = await records.list("audit", { limit: 3, before });
      }
      expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
    });

    it("keeps every entry of simultaneous appends, each under its own id", async () => {
      const name = uniquePrefix();
      await using one = await open(name);
      await using other = await open(name);
      const appends = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? one : other).append("audit", index),
      );
      const ids = await Promise.all(appends);
      const entries = await one.list("audit", { limit: 100 });
      expect(entries.map(({ id }) => id)).toEqual(ids.toSorted().toReversed());
      expect(new Set(entries.map(({ value }) => value)).size).toBe(50);
    });

    it("keeps lists apart from each other and from records of the same name", async () => {
      await using records = await openFresh();
      await records.putIfAbsent("x", "id", 0);
      await records.append("x", 1);
      await records.append("y", 2);
      expect((await records.list("x", { limit: 9 })).map(({ value }) => value)).toEqual([1]);
      expect((await records.list("y", { limit: 9 })).map(({ value }) => value)).toEqual([2]);
      expect(await records.list("z", { limit: 9 })).toEqual([]);
    });

    it("does not see the records of another name", async () => {
      await using mine = await openFresh();
      await using others = await openFresh();
      await mine.putIfAbsent("mark", "id", 1);
      await mine.append("audit", 1);
      expect(await others.get("mark", "id")).toBeUndefined();
      expect(await others.list("audit", { limit: 9 })).toEqual([]);
    });

    it("refuses to go on from something that is no entry's id", async () => {
      await using records = await openFresh();
      await records.append("audit", 1);
      const listing = records.list("audit", { limit: 9, before: "yesterday" });
      await expect(listing).rejects.toMatchObject({ name: "QueueError", effect: "none", retry: "never" });
    });

    it("shows every record of a kind to whoever looks through them, also while some are forgotten", async () => {
      await using records = await openFresh();
      const ids = Array.from({ length: 700 }, (_, index) => `mark ${index}: "ä'`);
      for (const id of ids) await records.putIfAbsent("mark", id, { of: id });
      await records.putIfAbsent("other", "x", 1);
      const seen = await scanned(records, "mark", async (found) => {
        const odd = found.filter(({ id }) => Number(id.split(/[ :]/)[1]) % 2 === 1);
        await records.forget(
          "mark",
          odd.map(({ id }) => id),
        );
      });
      expect(new Set(seen.keys())).toEqual(new Set(ids));
      expect(seen.get(ids[3] ?? "")).toEqual({ of: ids[3] });
      expect((await scanned(records, "mark")).size).toBe(350);
      expect(await records.get("other", "x")).toBe(1);
      expect(await scanned(records, "nothing")).toEqual(new Map());
    });

    it("lets a forgotten record be put again, and does not mind one that is not there", async () => {
      await using records = await openFresh();
      await records.putIfAbsent("mark", "a", 1);
      await records.forget("mark", ["a", "never there"]);
      await records.forget("mark", []);
      expect(await records.get("mark", "a")).toBeUndefined();
      expect(await records.putIfAbsent("mark", "a", 2)).toBe(true);
      expect(await records.get("mark", "a")).toBe(2);
    });

    it("gives the oldest entries of a list first to whoever wants to be rid of them", async () => {
      await using records = await openFresh();
      const ids: string[] = [];
      for (let entry = 1; entry <= 5; entry += 1) ids.push(await records.append("audit", entry));
      const oldest = await records.oldest("audit", 3);
      expect(oldest).toEqual([1, 2, 3].map((value, index) => ({ id: ids[index], value })));
      await records.trim("audit", oldest[2]?.id ?? "");
      expect((await records.oldest("audit", 9)).map(({ value }) => value)).toEqual([3, 4, 5]);
      expect(await records.oldest("nothing", 3)).toEqual([]);
    });

    it("forgets whole lists, and their names can be used again", async () => {
      await using records = await openFresh();
      for (const list of ["one", "two", "three"]) await records.append(list, list);
      await records.forgetLists(["one", "two", "never there"]);
      await records.forgetLists([]);
      expect(await records.list("one", { limit: 9 })).toEqual([]);
      expect(await records.list("three", { limit: 9 })).toHaveLength(1);
      await records.append("one", "again");
      expect(await records.list("one", { limit: 9 })).toMatchObject([{ value: "again" }]);
    });

    it("never holds the text of a secret that slipped into a value", async () => {
      await using records = await openFresh();
      const value: Record<string, Json> = {};
      // The compiler refuses the plain assignment.
      Object.assign(value, { secret: new Secret("pdl_canary"), list: [new Secret("pdl_canary")] });
      await records.putIfAbsent("mark", "id", value);
      await records.append("audit", value);
      const hidden = { secret: "[secret]", list: ["[secret]"] };
      expect(await records.get("mark", "id")).toEqual(hidden);
      expect((await records.list("audit", { limit: 1 }))[0]?.value).toEqual(hidden);
    });
  });
}

/** Every record of a kind, looked through turn by turn. */
async function scanned(
  records: Forgetting,
  kind: string,
  onTurn: (found: readonly RecordEntry[]) => Promise<void> = async () => {},
): Promise<Map<string, Json>> {
  const seen = new Map<string, Json>();
  for (let from: string | null = null; ;) {
    const { records: found, next } = await records.scan(kind, from);
    for (const { id, value } of found) seen.set(id, value);
    await onTurn(found);
    if (next === null) return seen;
    from = next;
  }
}
