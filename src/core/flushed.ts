/** Waits until the lines of a log are out. */
import type { Logger } from "pino";

/** A reader who has stopped reading must not stop rotations. */
const PATIENCE_MS = 2_000;

/** Resolves once everything logged so far has left the process, so that a crash loses none of it, or after 2 s. */
export function flushed(log: Pick<Logger, "flush">): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  // Standard output may be a pipe, which cannot be synced to a disk: that fault is none.
  log.flush(() => resolve());
  return promise.finally(() => clearTimeout(timer));
}
