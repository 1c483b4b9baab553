/** Whoever searches the log for a line of docs/logs.md finds it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(ROOT, "src", file), "utf8"));

const [, table = ""] = readFileSync(join(ROOT, "docs/logs.md"), "utf8").split("## Lines worth a search");
const lines = [...table.matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, line = ""]) => (line === "msg" ? [] : [line])),
);

it.each(lines)("docs/logs.md speaks of a line that there is: %s", (line) => {
  expect(lines.length).toBeGreaterThan(15);
  expect(sources.filter((text) => text.includes(`"${line}"`) || text.includes(`\`${line};`))).not.toEqual([]);
});
