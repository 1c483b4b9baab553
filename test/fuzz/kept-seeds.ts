/** The rounds that have failed once. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const FILE = join(import.meta.dirname, "seeds.json");
const Seeds = z.record(z.string(), z.array(z.int().nonnegative()));

export function keptSeeds(target: string): readonly number[] {
  return Seeds.parse(JSON.parse(readFileSync(FILE, "utf8")))[target] ?? [];
}

export function keepSeed(target: string, round: number): void {
  const seeds = Seeds.parse(JSON.parse(readFileSync(FILE, "utf8")));
  seeds[target] = [...new Set([...(seeds[target] ?? []), round])];
  // As the formatter would have it.
  const text = JSON.stringify(seeds, null, 2).replaceAll(/\[[^\]]*\]/g, (list) => {
    return `[${list.match(/\d+/g)?.join(", ") ?? ""}]`;
  });
  writeFileSync(FILE, `${text}\n`);
}
