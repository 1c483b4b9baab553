/** Imports point down, never sideways, and only the composition names concrete adapters. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");

/** Higher imports lower. Folders of one rank do not know each other. */
const RANKS: readonly (readonly string[])[] = [
  ["compose.ts", "compose", "main.ts", "cli.ts", "cli", "clock.ts", "logger.ts", "version.ts"],
  ["http", "queue", "metrics"],
  ["overview"],
  ["webhook", "rotation", "reconcile"],
  ["paddle", "stores", "consumers", "checks", "alerts", "records", "config"],
  ["files", "kubernetes", "aws", "redis", "processes", "requests"],
  ["core"],
];

function rankOf(place: string): number {
  return RANKS.findIndex((rank) => rank.includes(place));
}

/** The folder directly below src/, or the file's own name at the top. */
function placeOf(file: string): string {
  return relative(SRC, file).split("/")[0] ?? "";
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join(SRC, file));

type Import = { from: string; to: string; where: string };

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, target = ""]) => {
    const to = resolve(dirname(file), target);
    return { from: placeOf(file), to: placeOf(to), where: `${relative(SRC, file)} → ${relative(SRC, to)}` };
  });
}

describe("the architecture", () => {
  it("gives every folder a rank", () => {
    expect(files.map(placeOf).filter((place) => rankOf(place) === -1)).toEqual([]);
  });

  it("lets imports point down, never up or sideways", () => {
    const wrong = files
      .flatMap(importsOf)
      .filter(({ from, to }) => from !== to && rankOf(from) > 0 && rankOf(to) <= rankOf(from));
    expect(wrong.map(({ where }) => where)).toEqual([]);
  });

  it("lets nobody but the composition name concrete adapters", () => {
    const adapters = ["paddle", "stores", "consumers", "checks", "records"];
    const wrong = files
      .flatMap(importsOf)
      .filter(
        ({ from, to }) => from !== to && adapters.includes(to) && from !== "compose.ts" && from !== "compose",
      );
    expect(wrong.map(({ where }) => where)).toEqual([]);
  });

  it("keeps every file short enough to read at a sitting", () => {
    const long = files.filter((file) => readFileSync(file, "utf8").split("\n").length > 300);
    expect(long.map((file) => relative(SRC, file))).toEqual([]);
  });
});
