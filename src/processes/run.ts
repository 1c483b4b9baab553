/**
 * Runs a program without a shell: no input, an environment of our choice, no open files of ours, and an end by its
 * deadline together with everything that it started and left in its process group.
 */
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../core/ports.ts";
import { quoted } from "../core/quoted.ts";

export type Ran =
  | {
      readonly kind: "ended";
      readonly code: number;
      /** The first line that it wrote, made harmless; null: it wrote nothing. */
      readonly says: string | null;
    }
  /** Somebody else, or a fault of its own, ended it. */
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "overdue" }
  /** The system's code, e.g. `ENOENT`. */
  | { readonly kind: "not-started"; readonly fault: string };

/** Between the request to end and the end. */
const PATIENCE_MS = 5_000;
/** For what was written before the end to be read, where somebody else still has the other end of the pipe. */
const LAST_WORDS_MS = 1_000;
const KEPT_BYTES = 4_096;

export async function run(
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<Ran> {
  const child = start(file, args, env);
  if (!(child instanceof ChildProcess)) return child;
  const fault = once(child, "error").then(([error]: unknown[]) => notStarted(error));
  const { stdout } = child;
  // Where this process may open no more files, there is no pipe, and `error` is still to come.
  if (!stdout) return fault;
  const words = firstWords(stdout);
  const exit = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  exit.catch(() => {}); // It never started, which `fault` tells.
  const first = await within(clock, timeoutMs, Promise.race([fault, exit]));
  if (first === "late") return endGroup(child, exit, clock);
  if ("kind" in first) return first;
  await within(clock, LAST_WORDS_MS, words.whole);
  stdout.destroy();
  return first.code === null
    ? { kind: "killed", signal: String(first.signal) }
    : { kind: "ended", code: Number(first.code), says: firstLine(words.kept()) };
}

/** Some faults Node tells by an event, and others, such as ETXTBSY and ENOTDIR, by throwing. */
function start(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess | Ran {
  try {
    return spawn(file, args, {
      env,
      cwd: "/",
      shell: false,
      // A process group of its own, so that all of it can be ended; and Ctrl-C in our terminal is not for it.
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    return notStarted(error);
  }
}

function notStarted(error: unknown): Ran {
  const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
  return { kind: "not-started", fault: code };
}

/** Keeps the beginning and reads the rest away, so that the program never waits for a reader. */
function firstWords(stdout: NodeJS.ReadableStream) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stdout.on("data", (chunk: Buffer) => {
    if (bytes < KEPT_BYTES) chunks.push(chunk.subarray(0, KEPT_BYTES - bytes));
    bytes += chunk.length;
  });
  const whole = once(stdout, "close");
  whole.catch(() => {});
  return { whole, kept: () => Buffer.concat(chunks).toString() };
}

function firstLine(text: string): string | null {
  const [line = ""] = text.trimStart().split("\n");
  return quoted(line) || null;
}

async function endGroup(child: ChildProcess, exit: Promise<unknown>, clock: Clock): Promise<Ran> {
  signalGroup(child, "SIGTERM");
  await within(clock, PATIENCE_MS, exit);
  // Also where the program itself has ended: what it started may not have.
  signalGroup(child, "SIGKILL");
  await within(clock, LAST_WORDS_MS, exit);
  child.stdout?.destroy();
  child.unref();
  return { kind: "overdue" };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** `late`: `task` is not over after `ms`. */
async function within<Value>(clock: Clock, ms: number, task: Promise<Value>): Promise<Value | "late"> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then((): "late" => "late");
  late.catch(() => {}); // The task was over first.
  try {
    return await Promise.race([task, late]);
  } finally {
    over.abort();
  }
}
