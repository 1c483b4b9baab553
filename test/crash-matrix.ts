/**
 * Prints the crash matrix: every scenario, with each mishap at each of its effects, and what became of it. The time to
 * recover is engine time: how much later than undisturbed the scenario came to its right end, at worst. A worker that
 * stands still is not counted, because nobody waits for it.
 */
import {
  effectsOf,
  MISHAPS,
  type Mishap,
  type Played,
  playWith,
  type Scenario,
} from "./support/engine/play.ts";
import { SCENARIOS } from "./support/engine/scenarios.ts";

type Row = { readonly cells: readonly string[]; readonly isGreen: boolean };

const HEAD = ["scenario", "effects", ...MISHAPS, "recovers within"];

async function rowOf(scenario: Scenario): Promise<Row> {
  const { effects, tookMs } = await effectsOf(scenario);
  const outcomes: string[] = [];
  let worstMs = 0;
  let isGreen = true;
  for (const mishap of MISHAPS) {
    let good = 0;
    for (const [index, effect] of effects.entries()) {
      const played = await playWith(scenario, mishap, index);
      if (played.wrong.length === 0) good += 1;
      else complain(scenario, mishap, `${index}, ${effect}`, played);
      if (!mishap.startsWith("wakes")) worstMs = Math.max(worstMs, played.tookMs - tookMs);
    }
    outcomes.push(`${good}/${effects.length}`);
    isGreen &&= good === effects.length;
  }
  const cells = [scenario.name, String(effects.length), ...outcomes, `${worstMs / 1000} s`];
  return { cells, isGreen };
}

function complain({ name }: Scenario, mishap: Mishap, effect: string, { wrong }: Played): void {
  console.error(`${name}: ${mishap} effect ${effect}:\n  ${wrong.join("\n  ")}`);
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}

const rows: Row[] = [];
for (const scenario of SCENARIOS) rows.push(await rowOf(scenario));
print([HEAD, ...rows.map(({ cells }) => cells)]);
const isGreen = rows.every((row) => row.isGreen);
console.log(isGreen ? "\nEvery cell is green." : "\nNot every cell is green: see above.");
process.exitCode = isGreen ? 0 : 1;
