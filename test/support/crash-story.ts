/** A story that real processes live through, and where one of them may die in it: the engine in memory says that. */
import type { Forbids } from "./crash-consumers.ts";
import type { SiteEnd } from "./crash-end.ts";
import { openGate } from "./engine/gates.ts";
import { World, type WorldOptions } from "./engine/world.ts";
import type { RunningService, Site, SiteOptions } from "./service.ts";

/**
 * What happens, and what people do, with the process that runs. After a crash it is called again with the next one, to
 * do what is left to do.
 */
export type Play = (service: RunningService) => Promise<void>;

export type Story = {
  readonly name: string;
  readonly site: Omit<SiteOptions, "env">;
  /** Effects count in these jobs, e.g. `replace (revoked)`; `api`: in what people ask for. */
  readonly struck: readonly string[];
  /** What went before, with processes of its own. Returns more of the environment of all later ones. */
  readonly prepare?: (site: Site) => Promise<Record<string, string>>;
  /** The process has work from the start, and may die before it is ready. */
  readonly isDueAtStart?: boolean;
  readonly play: (site: Site) => Play;
  readonly inMemory: {
    readonly options?: WorldOptions;
    readonly before?: (world: World) => Promise<void>;
    readonly play: (world: World) => Promise<void>;
  };
  /** Effects of the admin API, before those of the jobs: there is none in memory. */
  readonly api?: readonly string[];
  /** The effects after which it dies in every run: where most is at stake. */
  readonly always: readonly number[];
  /** Those of all cells; left out: each that is more than a note, which steers nothing. */
  readonly sample?: readonly number[];
  /** The effect after which it dies on PostgreSQL: in every run for the first of the stories, else with all cells. */
  readonly onPostgres: number;
  readonly end: SiteEnd;
  /** How long the end may take when it has to wait for more than a killed job, in milliseconds. */
  readonly endsWithinMs?: number;
  /** Kinds of alerts that an accident may add. */
  readonly mayAlert?: readonly string[];
  /** What an accident may leave on record instead. */
  readonly orRecords?: readonly (readonly string[])[];
  /** What an undisturbed process may pass instead, where two go on at the same time. */
  readonly orPasses?: readonly (readonly string[])[];
  /** What consumers may never be given, whatever fails on the way. */
  readonly forbids?: Forbids;
};

/** The effects of the struck jobs if nobody dies, in order. */
export async function effectsOf({ struck, api = [], inMemory }: Story): Promise<string[]> {
  const world = new World(inMemory.options);
  await inMemory.before?.(world);
  const passed: string[] = [...api];
  world.worker = (work) =>
    struck.includes(`${work.job} (${work.intent.kind})`)
      ? world.run(work, { pass: (effect, act) => (passed.push(effect), act()) })
      : world.run(work, openGate);
  await inMemory.play(world);
  return passed;
}
