/** A real PostgreSQL of a test's own, on the loopback, that can be frozen, killed and started again. */
import { chown, mkdtemp, readdir, readFile, readlink, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { findPostgresPrograms, SUPERUSER } from "../../src/queue/postgres-programs.ts";
import { onFreePort, startOwned } from "./owned-process.ts";
import { until } from "./until.ts";

export type PostgresServer = AsyncDisposable & {
  readonly connectionString: string;
  readonly port: number;
  /** SIGKILL of the postmaster; resolves when it and every backend are gone. */
  kill(): Promise<void>;
  /** SIGSTOP of the postmaster and every backend: connections stay open and nothing answers. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  /** Starts it again on the same port and data; ends it first if it runs. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Makes an empty cluster in a temporary folder, starts it and resolves once it takes connections. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "rotator-postgres-")));
  const programs = await findPostgresPrograms(folder, pino({ level: "silent" }));
  const { account } = programs;
  if (account) await chown(folder, account.uid, account.gid);
  await programs.initialise(folder, { tcp: "trust" });
  const launch = (onPort: number) => {
    const command = programs.server([
      "-D",
      folder,
      `--port=${onPort}`,
      "--listen-addresses=127.0.0.1",
      "--unix-socket-directories=",
      "--max-connections=300",
      // Nothing here outlives the tests, so nothing waits for the disk.
      "--fsync=off",
      "--full-page-writes=off",
    ]);
    return startOwned(command, async (pid) => {
      const status = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "");
      return status.startsWith(`${pid}\n`) && /^ready\s*$/m.test(status);
    });
  };
  const { port, server: first } = await onFreePort(launch);
  let server = first;

  // The postmaster first: frozen, it makes no more backends. Backends come and go.
  const signalAll = async (signal: NodeJS.Signals) => {
    process.kill(server.pid, signal);
    for (const pid of await childrenOf(server.pid)) signalIfThere(pid, signal);
  };
  // A frozen process does not end. What it finds first when it goes on is that it has to.
  const end = async (signal: NodeJS.Signals) => {
    if (server.ended() === null) {
      if (signal === "SIGINT") for (const pid of await childrenOf(server.pid)) signalIfThere(pid, "SIGTERM");
      await signalAll("SIGCONT");
    }
    await server.end(signal);
  };
  const stop = async () => {
    await end("SIGINT");
    await rm(folder, { recursive: true, force: true });
  };
  return {
    connectionString: `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`,
    port,
    async kill() {
      await end("SIGKILL");
      await untilLeft(folder);
    },
    suspend: () => signalAll("SIGSTOP"),
    resume: () => signalAll("SIGCONT"),
    async restart() {
      if (server.ended() === null) await end("SIGINT");
      await untilLeft(folder);
      server = await launch(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return list.split(" ").filter(Boolean).map(Number);
}

/**
 * Resolves once no process works in the folder, as every backend does until it notices that the postmaster is gone: also one
 * that the postmaster was just making. PostgreSQL does not start beside it.
 */
async function untilLeft(folder: string): Promise<void> {
  await until(`nobody works in ${folder}`, async () => {
    const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
    const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => null)));
    return !folders.includes(folder);
  });
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
