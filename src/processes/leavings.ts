/**
 * What starting leaves behind: the text and code of what ran once, and half-empty pages. V8 gives little of it back
 * while nothing happens, and here nothing happens for hours: it is an eighth of the memory that the process would hold.
 */
import { setTimeout as pause } from "node:timers/promises";

/** The first sweep of a few keys is over by then. It takes a tenth of a second, once: webhooks wait no longer. */
const AFTER_MS = 3_000;

/** @param gc V8's own, which Node has with --expose-gc, as `npm start` and the container start it; none: nothing is done */
export async function clearLeavings(gc = globalThis.gc, afterMs = AFTER_MS): Promise<void> {
  await pause(afterMs, null, { ref: false });
  gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
