/**
 * `npm run fuzz -- <target | all> [count] [seed]` feeds a million inputs, or `count`; `--round <seed>` repeats one round.
 * The seed of a round that fails is kept in seeds.json, which the tests try first from then on.
 */
import { keepSeed } from "./kept-seeds.ts";
import { FuzzFailure, run, runRound } from "./run.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

const MILLION = 1_000_000;

async function fuzz(target: Target, count: number, seed: number): Promise<void> {
  const started = performance.now();
  const { inputs, outcomes, grownBytes } = await run(target, { count, seed });
  const seconds = (performance.now() - started) / 1_000;
  const came = [...outcomes]
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, times]) => `${outcome}: ${times}`);
  say(
    `${target.name}: ${inputs} inputs in ${seconds.toFixed(1)} s, seed ${seed}, heap ${signed(grownBytes)} KiB`,
  );
  say(`  ${came.join(", ")}`);
}

function signed(bytes: number): string {
  const kibibytes = Math.round(bytes / 1_024);
  return kibibytes < 0 ? `${kibibytes}` : `+${kibibytes}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Whatever it is, somebody forgot to wait for it.
process.once("unhandledRejection", (reason) => {
  say(`unhandled rejection: ${String(reason)}`);
  process.exit(1);
});

const [name = "", ...rest] = process.argv.slice(2);
const chosen = TARGETS.filter((target) => name === "all" || target.name === name);
if (chosen.length === 0) {
  say(`usage: npm run fuzz -- all | ${TARGETS.map((target) => target.name).join(" | ")} [count] [seed]`);
  process.exitCode = 2;
}
for (const target of chosen) {
  try {
    if (rest[0] === "--round") await runRound(target, Number(rest[1]));
    else await fuzz(target, Number(rest[0] ?? MILLION), Number(rest[1] ?? Date.now() % 2 ** 31));
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (error instanceof FuzzFailure) keepSeed(target.name, error.round);
    process.exitCode = 1;
  }
}
