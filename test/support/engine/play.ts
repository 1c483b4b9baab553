/** Plays a scenario with one accident, and says how it went. */
import { RotatorError } from "../../../src/core/errors.ts";
import type { Work } from "../../../src/core/work.ts";
import { endOf, type RightEnd, wrongIn } from "./ends.ts";
import { type Accident, accidentGate, countingGate, Died, openGate, pausingGate } from "./gates.ts";
import { HOUR_MS, World, type WorldOptions } from "./world.ts";

export type Scenario = {
  readonly name: string;
  /** Made anew for each playing where it holds what changes. */
  readonly options?: WorldOptions | (() => WorldOptions);
  /** What was before; no accident happens then. */
  readonly before?: (world: World) => Promise<void>;
  /** What happens, from there to the right end. */
  readonly play: (world: World) => Promise<void>;
  readonly end: RightEnd;
  /** How long a worker that wakes up late has slept; left out: longer than a grace. */
  readonly lateMs?: number;
};

/** A worker is stopped just before an effect, and goes on with it when the other one had its run, or is through. */
export type Stall = "wakes up soon" | "wakes up late";
export const MISHAPS = [
  "dies before",
  "dies after",
  "loses the answer of",
  "wakes up soon",
  "wakes up late",
] as const satisfies readonly (Accident | Stall)[];
export type Mishap = (typeof MISHAPS)[number];

const LATE_MS = 2 * HOUR_MS;

export type Played = {
  readonly world: World;
  /** What is not as it should be, in sentences. */
  readonly wrong: readonly string[];
  /** Engine time from the beginning to the end. */
  readonly tookMs: number;
};

/** The effects of a scenario in which nothing fails, in order. */
export async function effectsOf(scenario: Scenario): Promise<{ effects: string[]; tookMs: number }> {
  const gate = countingGate();
  const { wrong, tookMs } = await play(scenario, (world) => void (world.gate = gate));
  if (wrong.length > 0) throw new Error(`${scenario.name}, undisturbed: ${wrong.join("; ")}`);
  return { effects: gate.passed, tookMs };
}

export function playWith(scenario: Scenario, mishap: Mishap, index: number): Promise<Played> {
  return play(scenario, (world) => {
    if (mishap === "wakes up soon") stall(world, index, 0);
    else if (mishap === "wakes up late") stall(world, index, scenario.lateMs ?? LATE_MS);
    else world.gate = accidentGate(index, mishap);
  });
}

/** The process dies before the effect with the first number; the next one before that many effects more, and so on. */
export function playWithCrashes(scenario: Scenario, numbers: readonly number[]): Promise<Played> {
  return play(scenario, (world) => {
    let [left, ...others] = numbers;
    world.gate = {
      pass(effect, act) {
        if (left === undefined) return act();
        left -= 1;
        if (left >= 0) return act();
        [left, ...others] = others;
        return Promise.reject(new Died(effect));
      },
    };
    world.nextGate = (gate) => gate;
  });
}

export function optionsOf({ options }: Scenario): WorldOptions | undefined {
  return typeof options === "function" ? options() : options;
}

async function play(scenario: Scenario, prepare: (world: World) => void): Promise<Played> {
  const world = new World(optionsOf(scenario));
  await scenario.before?.(world);
  prepare(world);
  const startedAt = world.clock.now();
  const wrong: string[] = [];
  try {
    await scenario.play(world);
  } catch (error) {
    wrong.push(`it did not end: ${error instanceof Error ? error.stack : String(error)}`);
  }
  wrong.push(...world.broken, ...wrongIn(endOf(world), scenario.end), ...untold(world));
  return { world, wrong, tookMs: world.clock.now() - startedAt };
}

/** In the end every consumer has heard of the secret that is active, whatever it was told on the way. */
function untold({ consumers, store }: World): string[] {
  const active = store.slots.active?.secret.fingerprint();
  return consumers
    .filter(({ told }) => told.at(-1)?.fingerprint !== active)
    .map(({ name }) => `${name} was not told last of the active secret`);
}

/** Two workers run the same job, one of which stands still before the effect with this index. */
function stall(world: World, index: number, lateMs: number): void {
  const gate = pausingGate(index);
  let isOver = false;
  world.worker = async (work: Work) => {
    if (isOver) return world.run(work, openGate);
    const run = world.run(work, gate);
    const stopped = gate.paused.then(() => true);
    if (!(await Promise.race([stopped, run.then(() => false)]))) return undefined;
    isOver = true;
    await tolerant(lateMs === 0 ? world.run(work, openGate) : world.runAll(world.clock.now() + lateMs));
    gate.resume();
    await tolerant(run);
    // Whatever the sleeper wrote down, the queue runs the job again.
    world.jobs.again(work);
    return undefined;
  };
}

async function tolerant(run: Promise<unknown>): Promise<void> {
  await run.catch((error: unknown) => {
    if (!(error instanceof RotatorError) && !(error instanceof Died)) throw error;
  });
}
