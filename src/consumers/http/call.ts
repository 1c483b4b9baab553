/** Asks an application, again where a fault may pass at once, and turns every other answer than 2xx into an error. */
import {
  type Answered,
  type Barred,
  exchange,
  type Failed,
  isCertificateFault,
  type Outgoing,
  type Way,
} from "../../requests/exchange.ts";
import { faultOf } from "./faults.ts";

export type Call = Outgoing & {
  readonly consumer: string;
  /** Where the address is configured. */
  readonly field: "notify" | "verify";
};

export type Pace = {
  /** For all tries together: a worker waits for them. */
  readonly deadlineMs: number;
  readonly random: () => number;
};

const TRIES = 3;
const FIRST_PAUSE_MS = 200;
/** What a proxy says while the application behind it starts. */
const MAY_PASS_AT_ONCE = new Set([502, 503, 504]);

/** Every call may be repeated: one that looks changes nothing, and a notification says by its id that it is the same. */
export async function call(what: Call, way: Way, pace: Pace): Promise<Answered> {
  const startedAt = way.clock.now();
  let inDoubt = false;
  for (let tries = 1; ; tries += 1) {
    const left = pace.deadlineMs - (way.clock.now() - startedAt);
    const result = await exchange(what, way, left);
    if (result.kind === "answered" && result.status >= 200 && result.status < 300) return result;
    inDoubt ||= mayHaveBeenDone(result);
    const pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + pace.random() / 2);
    const isOver = pace.deadlineMs - (way.clock.now() - startedAt) <= pauseMs;
    if (tries === TRIES || isOver || !isWorthAnotherTry(result))
      throw faultOf(what, result, {
        now: way.clock.now(),
        inDoubt: inDoubt && what.method === "POST",
      });
    await way.clock.sleep(pauseMs);
  }
}

function mayHaveBeenDone(result: Answered | Failed | Barred): boolean {
  if (result.kind === "barred") return false;
  return result.kind === "failed" ? result.sent : result.status >= 500;
}

function isWorthAnotherTry(result: Answered | Failed | Barred): boolean {
  if (result.kind === "barred") return false;
  if (result.kind === "failed") return result.fault !== "DEADLINE" && !isCertificateFault(result.fault);
  return MAY_PASS_AT_ONCE.has(result.status) && result.header("retry-after") === null;
}
