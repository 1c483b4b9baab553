/** The real clock. */
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "./core/ports.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => pause(ms, undefined, { signal }),
};
