/** A real PostgreSQL of a test's own, on the loopback, that can be frozen, killed and started again. */
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { findPostgresPrograms, SUPERUSER } from "../../src/queue/postgres-programs.ts";
import { freePort, startOwned } from "./owned-process.ts";
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
  const folder = await mkdtemp(join(tmpdir(), "rotator-postgres-"));
  const programs = await findPostgresPrograms(folder, pino({ level: "silent" }));
  const { account } = programs;
  if (account) await chown(folder, account.uid, account.gid);
  await programs.initialise(folder, { tcp: "trust" });
  const port = await freePort();
  const { file, args, options } = programs.server([
    "-D",
    folder,
    `--port=${port}`,
    "--listen-addresses=127.0.0.1",
    "--unix-socket-directories=",
    "--max-connections=300",
    // Nothing here outlives the tests, so nothing waits for the disk.
    "--fsync=off",
    "--full-page-writes=off",
  ]);
  const launch = async () => {
    const server = await startOwned(file, args, options);
    await until(`PostgreSQL on port ${port} takes connections`, async () => {
      if (server.ended() !== null)
        throw new Error(`PostgreSQL ended with ${server.ended()}:\n${server.output()}`);
      const status = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "");
      return status.startsWith(`${server.pid}\n`) && /^ready\s*$/m.test(status);
    });
    return server;
  };
  let server = await launch();

  const everyProcess = async () => [server.pid, ...(await childrenOf(server.pid))];
  const resume = async () => {
    for (const pid of await everyProcess()) process.kill(pid, "SIGCONT");
  };
  // A frozen process does not end.
  const end = async (signal: NodeJS.Signals) => {
    if (server.ended() === null) await resume();
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
      const backends = await childrenOf(server.pid);
      await end("SIGKILL");
      for (const pid of backends)
        await until(
          `backend ${pid} notices that the postmaster is gone`,
          async () => !(await isRunning(pid)),
        );
    },
    async suspend() {
      for (const pid of await everyProcess()) process.kill(pid, "SIGSTOP");
    },
    resume,
    async restart() {
      if (server.ended() === null) await end("SIGINT");
      server = await launch();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return list.split(" ").filter(Boolean).map(Number);
}

/** A process that ended but was not reaped has no command line any more. */
async function isRunning(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) !== "";
}
