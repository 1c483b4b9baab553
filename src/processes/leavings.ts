/**
 * What work leaves behind: the text and code of what ran once, and half-empty pages. V8 gives little of it back while
 * nothing happens, and here nothing happens for hours: after a start it is an eighth of the memory that the process
 * would hold, after a hundred rotations half of it.
 */
import { setInterval as eachTime, setTimeout as pause } from "node:timers/promises";

/** The first sweep of a few keys is over by then. It takes a tenth of a second: webhooks wait no longer. */
const FIRST_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 60_000;
const WORTH_BYTES = 48 * 1024 * 1024;
/** Of the time since the last look; nobody is kept waiting for memory that the next event needs again. */
const QUIET = 0.05;

export type Measures = {
  /** What V8 has taken for its heap. */
  readonly heapBytes: () => number;
  /** The part of the time since it was asked last in which the event loop was busy, 0 to 1. */
  readonly busy: () => number;
};

/**
 * Collects once after the start, and whenever the heap has grown since and the process has become quiet.
 *
 * @param gc V8's own, which Node has with --expose-gc, as `npm start` and the container start it; none: nothing is done
 * @param looks one for each time to look; left out: for as long as the process runs, which it does not keep alive
 */
export async function clearLeavings(
  gc = globalThis.gc,
  { heapBytes, busy }: Measures = ofThisProcess(),
  looks: AsyncIterable<unknown> = nowAndThen(),
): Promise<void> {
  if (!gc) return;
  let least = 0;
  for await (const _ of looks) {
    // Asked each time, since it counts from one look to the next.
    const isQuiet = busy() < QUIET;
    const isFirst = least === 0;
    if (!isFirst && !(isQuiet && heapBytes() > least + WORTH_BYTES)) continue;
    // The one kind after which the pages go back to the system.
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
    least = heapBytes();
  }
}

async function* nowAndThen(): AsyncGenerator<void> {
  await pause(FIRST_AFTER_MS, null, { ref: false });
  yield;
  yield* eachTime(LOOK_EVERY_MS, undefined, { ref: false });
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
