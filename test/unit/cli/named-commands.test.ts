/** Whoever copies a command out of a message or a document can run it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/commands.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const WORDS = COMMANDS.map(({ word }) => word).join("|");
/** There is no program `rotator`, and without `--` npm keeps options for itself. */
const NO_COMMAND = new RegExp(`rotator (?:${WORDS})(?![\\w-])`, "g");

function filesIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.(ts|md|ya?ml)$/.test(name)).map((name) => join(folder, name));
}

it("names commands as they are typed, in messages and documents", () => {
  const files = ["README.md", "CHANGELOG.md", ...["src", "docs", "docker"].flatMap(filesIn)];
  const wrong = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(NO_COMMAND)].map(([text]) => `${file}: ${text}`),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});
