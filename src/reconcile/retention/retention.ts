/**
 * Forgets what nobody can ask for any more, a little in every sweep, so that years leave no more behind than a year
 * does. What is forgotten when, and why that is safe, is in the files beside this one. Nothing depends on its success:
 * what fails is done next time, and doing it twice, or on two instances, is the same as doing it once.
 */
import { describeError } from "../../core/public-error.ts";
import { forgetAudit } from "./audit.ts";
import { forgetIncidents } from "./incidents.ts";
import { inUse } from "./in-use.ts";
import { forgetFormerKeys, shortenLists } from "./lists.ts";
import { forgetMarks } from "./marks.ts";
import type { Forgotten, Pass, RetentionDeps } from "./pass.ts";

const DAY_MS = 24 * 60 * 60_000;
/** The rest waits for the next sweep: others use the records, too. */
const AT_ONCE_MS = 2_000;

/**
 * How long what steers nothing any more is remembered. Longer than jobs are kept (365 days), webhooks replayed and
 * events listed (90 days): whatever can still ask about it is younger.
 */
export const KEPT_MS = 400 * DAY_MS;

export type Retention = {
  /** Goes on where it stopped, for two seconds at most. Begins anew a day after the last pass began. Never throws. */
  forgetSome(signal?: AbortSignal): Promise<void>;
};

export function createRetention(deps: RetentionDeps): Retention {
  const { clock, log } = deps;
  let pass: Forgotten | null = null;
  let nextAt = -Infinity;
  let total = 0;
  let isBusy = false;
  return {
    async forgetSome(signal) {
      // Two sweeps may run at once.
      if (isBusy) return;
      isBusy = true;
      const until = clock.now() + AT_ONCE_MS;
      try {
        if (!pass && clock.now() < nextAt) return;
        if (!pass) [pass, nextAt, total] = [passThrough(deps), clock.now() + DAY_MS, 0];
        while (clock.now() <= until && !signal?.aborted) {
          const step = await pass.next();
          if (!step.done) total += step.value;
          if (!step.done) continue;
          pass = null;
          log[total > 0 ? "info" : "debug"]({ forgotten: total }, "old records forgotten");
          return;
        }
      } catch (error) {
        pass = null;
        nextAt = -Infinity;
        log.warn(
          { reason: describeError(error) },
          "old records could not be forgotten; the next sweep tries again",
        );
      } finally {
        isBusy = false;
      }
    },
  };
}

async function* passThrough(deps: RetentionDeps): Forgotten {
  const pass: Pass = { ...deps, before: deps.clock.now() - (deps.keptMs ?? KEPT_MS) };
  yield* forgetIncidents(pass);
  const used = await inUse(deps);
  if (!used) deps.log.debug("a store cannot be read: what may belong to its secrets is kept for now");
  yield* forgetMarks(pass, used);
  yield* shortenLists(pass, used);
  if (used) yield* forgetFormerKeys(pass, used);
  yield* forgetAudit(pass);
}
