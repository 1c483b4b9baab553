/** Starts the service and the sample application as a user would: as processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");

export type Started = AsyncDisposable & {
  /** Set once the process has ended by itself. */
  readonly ended: Promise<number | null>;
};

/** Runs one of the project's files with Node; every line that it prints as JSON goes to `onLine`. */
export function start(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  onLine: (line: Record<string, unknown>) => void,
): Started {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const parsed = parse(line);
    if (parsed) onLine(parsed);
  });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  return { ended, [Symbol.asyncDispose]: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  await ended;
}

function parse(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
