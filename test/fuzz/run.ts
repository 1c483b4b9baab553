/** Feeds a target. Every round has a seed of its own, which alone repeats it. */
import { setImmediate as endOfTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

export const ROUND = 250;

/** What the second half of the rounds may leave on the heap: by then code is compiled and what is bounded is full. */
const MOST_GROWTH_BYTES = 12 * 1024 * 1024;

export type Ran = {
  readonly inputs: number;
  /** How often each thing came of an input. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly grownBytes: number;
};

/** An input that must not have had this end. `round` repeats it: `npm run fuzz -- <target> --round <round>`. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
  readonly round: number;

  constructor(target: string, round: number, input: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${target}, round ${round}, input ${input}: ${why}`, { cause });
    this.round = round;
  }
}

/** Throws FuzzFailure at the first input that ends in a way in which it must not. */
export async function runRound(target: Target, round: number, outcomes = new Map<string, number>()) {
  const random = new Random(round);
  await using opened = await target.open();
  for (let input = 0; input < ROUND; input += 1) {
    try {
      const outcome = await opened.feed(random);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      throw new FuzzFailure(target.name, round, input, error);
    }
  }
  return outcomes;
}

/** @param what.seed of the run; its rounds are seeded from it */
export async function run(
  target: Target,
  what: { readonly count: number; readonly seed: number },
): Promise<Ran> {
  const seeds = new Random(what.seed);
  const outcomes = new Map<string, number>();
  const rounds = Math.ceil(what.count / ROUND);
  let before = 0;
  for (let done = 0; done < rounds; done += 1) {
    if (done === Math.floor(rounds / 2)) before = heapInUse();
    await runRound(target, seeds.below(2 ** 31), outcomes);
    // Only then V8 tells who was collected as garbage, and what is kept of those is let go.
    await endOfTurn();
  }
  const grownBytes = heapInUse() - before;
  if (grownBytes > MOST_GROWTH_BYTES)
    throw new Error(
      `${target.name}: the second half of ${rounds} rounds left ${grownBytes} bytes on the heap`,
    );
  return { inputs: rounds * ROUND, outcomes, grownBytes };
}

function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed;
}
