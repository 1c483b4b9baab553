/** A PostgreSQL server as a child process: started, started again if it dies, and stopped in peace. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { QueueError } from "../core/errors.ts";
import type { Command } from "./postgres-programs.ts";

// Recovery after a crash is bounded by the size of the write-ahead log; a slow disk takes its time all the same.
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 5;
const STOP_PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 30_000;
const KEPT_LINES = 5;

export type PostgresProcess = {
  /** Ends it with everything on disk; resolves when the process is gone. */
  stop(): Promise<void>;
};

/** Starts the server on the data in `folder` and resolves once it takes connections. */
export async function startPostgres(command: Command, folder: string, log: Logger): Promise<PostgresProcess> {
  const stopping = new AbortController();
  let server = launch(command, log);
  try {
    await ready(server, folder);
  } catch (error) {
    await end(server.child);
    throw error;
  }

  const keepAlive = async () => {
    for (let failures = 0; ;) {
      const why = await server.ended;
      if (stopping.signal.aborted) return;
      log.error({ why, lastLines: server.lastLines }, "PostgreSQL ended by itself: starting it again");
      await pause(Math.min(1_000 * 2 ** failures, LONGEST_PAUSE_MS), undefined, stopping).catch(() => {});
      if (stopping.signal.aborted) return;
      server = launch(command, log);
      failures = await ready(server, folder).then(
        () => 0,
        () => failures + 1,
      );
    }
  };
  const kept = keepAlive();

  return {
    async stop() {
      stopping.abort();
      await end(server.child);
      await kept;
    },
  };
}

type Server = {
  readonly child: ChildProcess;
  /** Why it ended. */
  readonly ended: Promise<string>;
  readonly lastLines: readonly string[];
};

function launch({ file, args, options }: Command, log: Logger): Server {
  // A session of its own: Ctrl-C in the terminal is for the service, which still has rows to write.
  const child = spawn(file, args, { ...options, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const ended = Promise.withResolvers<string>();
  child.once("error", (error) => ended.resolve(error.message));
  child.once("exit", (code, signal) => ended.resolve(signal ?? `exit code ${code}`));
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    log.debug({ line }, "PostgreSQL");
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
  });
  return { child, ended: ended.promise, lastLines };
}

/** The server says in its process id file when it is ready, as pg_ctl reads it. */
async function ready({ child, ended, lastLines }: Server, folder: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!hasEnded(child) && performance.now() < deadline) {
    const status = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "");
    if (status.startsWith(`${child.pid}\n`) && /^ready\s*$/m.test(status)) return;
    await pause(LOOK_EVERY_MS);
  }
  const why = hasEnded(child) ? await ended : `not ready after ${READY_WITHIN_MS / 1000} s`;
  throw new QueueError(`PostgreSQL does not start on ${folder} (${why}): ${lastLines.join("; ")}`, {
    effect: "none",
    retry: "later",
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, "exit");
  // Fast shutdown, then immediate (PostgreSQL, Shutting Down the Server): both keep every row whose commit waited for the disk.
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGQUIT"), STOP_PATIENCE_MS);
  await exit;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
