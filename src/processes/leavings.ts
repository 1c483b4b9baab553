/**
 * What work leaves behind: the text and code of what ran once, and half-empty pages. V8 gives little of it back while
 * nothing happens, and here nothing happens for hours: after a start it is an eighth of the memory that the process
 * would hold, after a hundred rotations half of it.
 */
import { setInterval as eachTime } from "node:timers/promises";

/** A collection stops the process for up to a tenth of a second: never in front of what may be an emergency. */
const LOOK_EVERY_MS = 2_000;
/** In a row, after the start: with it comes what may be urgent. */
const QUIET_AFTER_START = 3;
/** A minute, so that nobody is kept waiting for memory that the next event needs again. */
const QUIET_AFTER_WORK = 30;
/** Of the time since the last look. */
const QUIET = 0.05;
const WORTH_BYTES = 48 * 1024 * 1024;

export type Measures = {
  /** What V8 has taken for its heap. */
  readonly heapBytes: () => number;
  /** The part of the time since it was asked last in which the event loop was busy, 0 to 1. */
  readonly busy: () => number;
};

/**
 * Collects as soon as the start is over, and whenever the heap has grown since and the process has been quiet for a
 * while.
 *
 * @param gc V8's own, which Node has with --expose-gc, as `npm start` and the container start it; none: nothing is done
 * @param looks one for each time to look; left out: for as long as the process runs, which it does not keep alive
 */
export async function clearLeavings(
  gc = globalThis.gc,
  { heapBytes, busy }: Measures = ofThisProcess(),
  looks: AsyncIterable<unknown> = eachTime(LOOK_EVERY_MS, undefined, { ref: false }),
): Promise<void> {
  if (!gc) return;
  let least: number | null = null;
  let quietLooks = 0;
  for await (const _ of looks) {
    quietLooks = busy() < QUIET ? quietLooks + 1 : 0;
    const isDue =
      least === null
        ? quietLooks >= QUIET_AFTER_START
        : quietLooks >= QUIET_AFTER_WORK && heapBytes() > least + WORTH_BYTES;
    if (!isDue) continue;
    // The one kind after which the pages go back to the system.
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
    least = heapBytes();
    quietLooks = 0;
  }
}

function ofThisProcess(): Measures {
  let last = performance.eventLoopUtilization();
  return {
    heapBytes: () => process.memoryUsage().heapTotal,
    busy() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
  };
}
