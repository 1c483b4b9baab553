/**
 * What a service that was killed leaves behind: its PostgreSQL runs on and holds the data. This ends exactly that
 * process and no other. The caller holds the lock on the data, so that no live service can own it.
 */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { QueueError } from "../core/errors.ts";
import { SOCKET } from "./postgres-socket.ts";

const run = promisify(execFile);

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 10;

/**
 * Ends the server that still runs on the data in `folder` (an absolute path without symbolic links), if one does,
 * and takes away what would keep the next one from starting.
 */
export async function endOrphan(folder: string, log: Logger): Promise<void> {
  for (const name of ["postmaster.pid", `${SOCKET}.lock`]) {
    const pidFile = join(folder, name);
    const pid = await readPid(pidFile);
    if (pid === null || !isAlive(pid)) continue;
    if (await isServerOf(folder, pid)) {
      log.warn({ postgres: pid }, "ending the PostgreSQL that an earlier run of this service left behind");
      await end(pid, folder);
    } else {
      // Process ids start over with every boot and every container. PostgreSQL would take the stranger for its
      // like and refuse to start.
      log.warn(
        { pidFile },
        "removing a stale process id file: its process is not the PostgreSQL of this data",
      );
      await rm(pidFile, { force: true });
    }
  }
}

async function readPid(pidFile: string): Promise<number | null> {
  const text = await readFile(pidFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is alive and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether this is a server that was started on `folder`. One that has ended but was not reaped is none. */
async function isServerOf(folder: string, pid: number): Promise<boolean> {
  if (process.platform !== "linux") {
    const command = await run("ps", ["-ww", "-o", "command=", "-p", `${pid}`]).catch(() => ({ stdout: "" }));
    return command.stdout.includes(`/postgres -D ${folder} `);
  }
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const [program = "", flag, data] = commandLine.split("\0");
  return basename(program) === "postgres" && flag === "-D" && data === folder;
}

async function end(pid: number, folder: string): Promise<void> {
  // Fast shutdown, then immediate (PostgreSQL, Shutting Down the Server): both keep every row whose commit waited for the disk.
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    process.kill(pid, signal);
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      if (!(await isServerOf(folder, pid))) return;
      await pause(LOOK_EVERY_MS);
    }
  }
  throw new QueueError(
    `the PostgreSQL of an earlier run (process ${pid}) still holds ${folder} and does not end: ` +
      "find out what it waits for, end it and start the service again",
    { effect: "none", retry: "later" },
  );
}
