/** The pages about stores in general name every kind, and files that are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(resolve(ROOT, path), "utf8");

const KINDS = readdirSync(resolve(ROOT, "src/stores"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe("docs/stores/README.md", () => {
  it.each(KINDS)("compares %s with the others and leads to its page", (kind) => {
    expect(read("docs/stores/README.md")).toContain(`\n| [\`${kind}\`](${kind}.md)`);
    expect(existsSync(resolve(ROOT, `docs/stores/${kind}.md`))).toBe(true);
  });
});

describe("docs/adding-a-store.md", () => {
  const paths = [...read("docs/adding-a-store.md").matchAll(/`((?:src|test|docs)\/[\w./<>-]+)`/g)];

  it("names files that are there, for every kind where it says so", () => {
    const named = paths.flatMap(([, path = ""]) => {
      // A place of the env file was there before there was a folder for them.
      const kinds = path.includes("<kind>") ? KINDS.filter((kind) => kind !== "env-file") : [""];
      return kinds.map((kind) => path.replaceAll("<kind>", kind));
    });
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
  });
});
