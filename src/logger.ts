/**
 * One JSON line per fact; on a terminal, one that people read. Of an error, only what may be public is written: other
 * people's errors may quote secrets. No line has a secret in it that this process holds.
 */
import { type Level, type Logger, type LoggerOptions, pino } from "pino";
import { hideLivingSecrets } from "./core/living-secrets.ts";
import { logContext } from "./core/log-context.ts";
import { publicError } from "./core/public-error.ts";

/** Makes of a line of JSON what is written instead, with its line break. */
export type LineFormat = (json: string) => string;

export const asJson: LineFormat = (json) => json;

/** Writes to standard output, line by line and in the background; who must know that a line is out flushes. */
export function createLogger(level: Level | "silent", format: LineFormat = asJson): Logger {
  // With pino's own least length of 0, a flush waits for nothing.
  const output = pino.destination({ fd: process.stdout.fd, sync: false, minLength: 1 });
  return pino(loggerOptions(level, format), output);
}

export function loggerOptions(level: Level | "silent", format: LineFormat): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => ({ ...logContext() }),
    formatters: { level: (label) => ({ level: label }) },
    serializers: {
      err: (error: unknown) => {
        const { name, message, stack } = publicError(error);
        return { type: name, message, stack };
      },
    },
    hooks: { streamWrite: (line) => format(withoutSecrets(line)) },
  };
}

/** For terminals. What only they need is loaded only there. */
export async function prettyLines(): Promise<LineFormat> {
  const { prettyFactory } = await import("pino-pretty");
  const pretty = prettyFactory({
    colorize: true,
    translateTime: "SYS:HH:MM:ss.l",
    errorLikeObjectKeys: ["err"],
  });
  return (json) => pretty(json) ?? json;
}

const TOLD_ANYWAY = ["level", "time", "jobId", "keyName"] as const;

/** The last net: nothing should ever be caught in it. The line stays JSON, whatever the secret looks like. */
function withoutSecrets(line: string): string {
  if (hideLivingSecrets(line) === line) return line;
  const hidden = JSON.stringify(JSON.parse(line), (_name, value: unknown) =>
    typeof value === "string" ? hideLivingSecrets(value) : value,
  );
  if (hideLivingSecrets(hidden) === hidden) return `${hidden}\n`;
  // In a field's name or in a number.
  const fields: Record<string, unknown> = JSON.parse(hidden);
  const told = TOLD_ANYWAY.flatMap((name) => (name in fields ? [[name, fields[name]]] : []));
  return `${JSON.stringify({ ...Object.fromEntries(told), msg: "this line held a secret and was left out" })}\n`;
}
