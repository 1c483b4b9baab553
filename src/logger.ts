/** One JSON line per fact. Of an error, only what may be public is written: other people's errors may quote secrets. */
import { type Level, type Logger, type LoggerOptions, pino } from "pino";
import { publicError } from "./core/public-error.ts";

/** Writes to standard output, line by line and in the background; who must know that a line is out flushes. */
export function createLogger(level: Level | "silent"): Logger {
  const options: LoggerOptions = {
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
  };
  // With pino's own least length of 0, a flush waits for nothing.
  return pino(options, pino.destination({ fd: process.stdout.fd, sync: false, minLength: 1 }));
}
