/** One JSON line per fact. Of an error, only what may be public is written: other people's errors may quote secrets. */
import { type Level, type Logger, pino } from "pino";
import { publicError } from "./core/public-error.ts";

/** Writes to standard output. */
export function createLogger(level: Level | "silent"): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: {
      err: (error: unknown) => {
        const { name, message, stack } = publicError(error);
        return { type: name, message, stack };
      },
    },
  });
}
