/** Logs what connections report, however often they report it: an outage is a few lines, not a million. */
import type { Logger } from "pino";
import type { Clock } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";

const QUIET_MS = 30_000;
const REMEMBERED = 100;

/** `source`: a fixed word for who reports, e.g. the queue's name. */
export type ErrorLog = (source: string, error: unknown) => void;

/** The same report from the same source is logged once in 30 seconds, with the number of those left out before. */
export function createErrorLog(deps: { log: Logger; clock: Pick<Clock, "now"> }): ErrorLog {
  const { log, clock } = deps;
  const seen = new Map<string, { at: number; leftOut: number }>();
  return (source, error) => {
    const reason = describeError(error);
    const key = `${source} ${reason}`;
    const before = seen.get(key);
    // Either way: a clock may be set back.
    if (before && Math.abs(clock.now() - before.at) < QUIET_MS) {
      before.leftOut += 1;
      return;
    }
    if (seen.size >= REMEMBERED) seen.clear();
    seen.set(key, { at: clock.now(), leftOut: 0 });
    log.warn({ source, reason, leftOut: before?.leftOut ?? 0 }, "queue connection reported an error");
  };
}
