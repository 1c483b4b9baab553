/** What the process keeps in memory once everything that can go is gone. */
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";

/** How long the text of a secret that nobody holds any more is looked for in words that are written down. */
const FADES_MS = 600_000;

const fading: (() => void)[] = [];

/** Compresses the one wait of the rotator that is on the real clock: it ends with the day. */
export function compressFading(): void {
  const real = globalThis.setTimeout;
  const compressed = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    if (ms !== FADES_MS) return real(run, ms, ...args);
    fading.push(() => run(...args));
    return { unref() {} };
  };
  Object.assign(globalThis, { setTimeout: compressed });
}

export function endFading(): void {
  for (const run of fading.splice(0)) run();
}

/** In bytes; null: run node with --expose-gc. */
export async function heapAfterCollection(): Promise<number | null> {
  if (!globalThis.gc) return null;
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc();
    // What was collected is heard of a turn later, and lets go of more.
    await turnOfTheEventLoop();
    endFading();
  }
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
