/** A pino logger whose lines a test can read. */
import { type Logger, pino } from "pino";

export type LogLine = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

export type CapturedLog = { readonly log: Logger; readonly lines: LogLine[]; readonly text: () => string };

export function captureLog(): CapturedLog {
  const lines: LogLine[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines, text: () => lines.map((line) => JSON.stringify(line)).join("\n") };
}
