/** Turns between writers, where a platform cannot compare and set: one lease for each managed key. */
import { randomUUID } from "node:crypto";
import { QueueError } from "../core/errors.ts";
import type { Clock, Leases } from "../core/ports.ts";
import { setback } from "./faults.ts";

/** The right to write, for a while. */
export type Turn = {
  /** Nobody else's. */
  readonly holder: string;
  /** Throws unless this writer still has the turn, and prolongs it. To be called right before every effect. */
  confirm(): Promise<void>;
  /** Does not fail: a turn that is not given back ends by itself. */
  end(): Promise<void>;
};

/** Longer than the requests that follow a confirmation may take. */
export const TURN_MS = 30_000;
/** A writer that died keeps the others waiting no longer than its turn lasts. */
const PATIENCE_MS = TURN_MS + 5_000;

/** Waits for a turn; null: `inVain` while waiting. @param name of what is written */
export async function takeTurn(options: {
  readonly name: string;
  readonly location: string;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly pauseMs?: number;
  readonly inVain: () => Promise<boolean>;
}): Promise<Turn | null> {
  const { name, location, leases, clock, pauseMs = 500, inVain } = options;
  const holder = randomUUID();
  const lease = `write ${name}`;
  let endsAt = 0;
  const take = async () => {
    const asked = clock.now();
    const taken = await asStore(location, leases.take(lease, holder, TURN_MS));
    endsAt = asked + TURN_MS;
    return taken;
  };
  const until = clock.now() + PATIENCE_MS;
  while (!(await take())) {
    if (clock.now() >= until)
      throw setback(
        location,
        "is being written by another process",
        "if this goes on, look for a second rotator; nothing has changed",
      );
    await clock.sleep(pauseMs);
    if (await inVain()) return null;
  }
  return {
    holder,
    async confirm() {
      // Over is over: whoever had the turn since may have given it back by now.
      if (clock.now() < endsAt && (await take())) return;
      const remedy = "nothing has changed, and it will be tried again";
      throw setback(location, "was not written, because the turn to write was over by then", remedy);
    },
    async end() {
      await leases.giveBack(lease, holder).catch(() => {});
    },
  };
}

async function asStore<Answer>(location: string, asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof QueueError)) throw error;
    const problem = `cannot be written, because the queue's server gave no turn (${error.message})`;
    throw setback(location, problem, "see that it runs; nothing has changed", error);
  }
}
