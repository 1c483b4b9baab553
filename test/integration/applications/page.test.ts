/** docs/applications/README.md and the files beside it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const FOLDER = resolve(import.meta.dirname, "../../../docs/applications");
const PAGE = readFileSync(join(FOLDER, "README.md"), "utf8");

const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(mjs|py|php|go)$/.test(file))
  .toSorted();

const read = (file: string) => readFileSync(join(FOLDER, file), "utf8");

describe("the helpers for applications", () => {
  it("are there for four languages", () => {
    expect(new Set(files.map((file) => file.split("/")[0]))).toEqual(
      new Set(["go", "node", "php", "python"]),
    );
  });

  it.each(files)("stay below 30 lines that say something: %s", (file) => {
    const lines = read(file)
      .split("\n")
      .filter((line) => line.trim() !== "");
    expect(lines.length).toBeLessThan(30);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it.each(files)("are all named on the page: %s", (file) => {
    expect(PAGE).toContain(`](${file})`);
  });

  it("are configured by the variables that the page names, and no others", () => {
    const used = files.flatMap((file) => read(file).match(/\b(PADDLE|ROTATOR)_[A-Z_]+\b/g) ?? []);
    const named = [...PAGE.matchAll(/^\| `((?:PADDLE|ROTATOR)_[A-Z_]+)`/gm)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(used));
  });

  it("are linked, with all else, by paths that are there", () => {
    const paths = [...PAGE.matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, path = ""]) => path);
    expect(paths.filter((path) => !existsSync(resolve(FOLDER, path)))).toEqual([]);
  });
});
