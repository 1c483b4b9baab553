/**
 * The last look at each key. A store is read again when a job of its key has come further, when somebody says that it
 * changed, and otherwise as often as whoever looks wants: reads of some stores are paid for, so a fault of the records
 * makes none. A store that hangs holds up the others for as long as one look may take, and never for longer.
 */
import type { ManagedKey } from "../core/managed-key.ts";
import type { Clock, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import { waitWithin } from "../core/wait-within.ts";
import { type Holdings, type KeyLook, lookOf, type Notes, readHoldings, readNotes } from "./key-look.ts";

const WAIT_MS = 3_000;
const LOOKS_AT_ONCE = 20;

export type LookDeps = { readonly records: Pick<Records, "get" | "list">; readonly clock: Clock };

type Kept = {
  readonly holdings: Holdings;
  readonly notes: Notes | null;
  /** False: the records did not say, and the notes are those of an earlier look. */
  readonly isWhole: boolean;
  /** Why they did not; null: they did, or were not asked. */
  readonly fault: string | null;
  /** See `signatureOf` of whoever renews. */
  readonly jobs: string;
  readonly isOutdated: boolean;
};

export type Wanted = {
  /** A text that is another one whenever a job of the key has come further. */
  readonly jobsOf: (name: string) => string;
  /** False: the records do not answer just now, so only stores are read. */
  readonly records: boolean;
  /** How old the look at a store may be. */
  readonly storesWithinMs: number;
};

export class KeptLooks {
  readonly #deps: LookDeps;
  readonly #kept = new Map<string, Kept>();
  /** The looks that count, by key; one that somebody's change has overtaken is no longer here. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #takeTurn = turns(LOOKS_AT_ONCE);

  constructor(deps: LookDeps) {
    this.#deps = deps;
  }

  /** null: the key could not be looked at yet. */
  of({ name }: ManagedKey): KeyLook | null {
    const kept = this.#kept.get(name);
    return kept ? lookOf(kept.holdings, kept.notes) : null;
  }

  /** What could not be read of a key, in public words. */
  faultsOf({ name }: ManagedKey): readonly string[] {
    const kept = this.#kept.get(name);
    if (!kept) return [];
    const { slots, standby } = kept.holdings;
    const stores = [slots, standby].filter((held) => typeof held === "string");
    return [...stores.map((why) => `${name}: ${why}`), ...(kept.fault === null ? [] : [kept.fault])];
  }

  /** Somebody has changed the key: what is known is shown until the next look, and none that runs now counts. */
  outdate(name: string): void {
    const kept = this.#kept.get(name);
    if (kept) this.#kept.set(name, { ...kept, isOutdated: true });
    this.#running.delete(name);
  }

  /**
   * Looks again where it is time. After 3 s it no longer waits: the looks go on, and show next time.
   *
   */
  async renew(keys: readonly ManagedKey[], wanted: Wanted): Promise<void> {
    const looks = keys.map((key) => this.#renewOne(key, wanted));
    await waitWithin(this.#deps.clock, WAIT_MS, Promise.all(looks), () => new Error("late")).catch(() => {});
  }

  #renewOne(key: ManagedKey, { jobsOf, records, storesWithinMs }: Wanted): Promise<void> {
    const { name } = key;
    const jobs = jobsOf(name);
    const running = this.#running.get(name);
    if (running) return running;
    const kept = this.#kept.get(name);
    const holdings = kept && this.#isStillGood(kept, jobs, storesWithinMs) ? kept.holdings : null;
    if (holdings && (kept?.isWhole || !records)) return Promise.resolve();
    const look = this.#takeTurn(async () => {
      const found = await this.#look(key, { holdings, notes: kept?.notes ?? null }, records);
      if (this.#running.get(name) === look) this.#kept.set(name, { ...found, jobs, isOutdated: false });
    }).finally(() => {
      if (this.#running.get(name) === look) this.#running.delete(name);
    });
    this.#running.set(name, look);
    return look;
  }

  #isStillGood({ isOutdated, jobs, holdings }: Kept, jobsNow: string, withinMs: number): boolean {
    // A clock may be set back.
    const age = Math.abs(this.#deps.clock.now() - holdings.at);
    return !isOutdated && jobs === jobsNow && age < withinMs;
  }

  async #look(
    key: ManagedKey,
    before: { readonly holdings: Holdings | null; readonly notes: Notes | null },
    records: boolean,
  ): Promise<Pick<Kept, "holdings" | "notes" | "isWhole" | "fault">> {
    const holdings = before.holdings ?? (await readHoldings(key, this.#deps.clock));
    if (!records) return { holdings, notes: before.notes, isWhole: false, fault: null };
    // Which notes to ask for is not known either.
    if (typeof holdings.slots === "string" && before.notes)
      return { holdings, notes: before.notes, isWhole: true, fault: null };
    try {
      const notes = await readNotes(key, holdings, this.#deps.records);
      return { holdings, notes, isWhole: true, fault: null };
    } catch (error) {
      return { holdings, notes: before.notes, isWhole: false, fault: describeError(error) };
    }
  }
}

/** Lets at most `most` run at once; the others wait in line. */
function turns(most: number): (work: () => Promise<void>) => Promise<void> {
  const line: (() => void)[] = [];
  let free = most;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else free += 1;
    }
  };
}
