/** A real Redis of a test's own, on the loopback, that can be frozen, killed and started again. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type OwnedProcess, startOwned } from "./owned-process.ts";
import { redisExecutable } from "./redis-executable.ts";
import { until } from "./until.ts";

export type RedisServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Changes with every restart. */
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  suspend(): void;
  resume(): void;
  /** Starts it again on the same port and folder; ends it first if it runs. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type RedisServerOptions = {
  /** Further arguments, e.g. `["--appendonly", "yes"]`: without them nothing is kept on disk. */
  readonly args?: readonly string[];
  /** The folder for its files, kept at the end; left out: a temporary one, removed at the end. */
  readonly dir?: string;
};

/** Starts Redis and resolves once it answers. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const executable = redisExecutable();
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "rotator-redis-")));
  const launch = (port: number) =>
    startOwned(
      executable,
      ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir].concat(
        ["--save", "", "--appendonly", "no"],
        options.args ?? [],
      ),
    );
  let { port, server } = await launchOnFreePort(launch);

  const stop = async () => {
    await server.end("SIGTERM");
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    kill: () => server.end("SIGKILL"),
    suspend: () => void process.kill(server.pid, "SIGSTOP"),
    resume: () => void process.kill(server.pid, "SIGCONT"),
    async restart() {
      if (server.ended() === null) await server.end("SIGTERM");
      server = await launch(port);
      await ready(server, port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Between finding a free port and using it somebody else may take it: then another one is tried. */
async function launchOnFreePort(launch: (port: number) => Promise<OwnedProcess>) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = await launch(port);
    try {
      await ready(server, port);
      return { port, server };
    } catch (error) {
      await server.end("SIGKILL");
      if (attempt === 5 || !server.output().includes("Address already in use")) throw error;
    }
  }
}

async function ready(server: OwnedProcess, port: number): Promise<void> {
  await until(`Redis answers on port ${port}`, () => {
    if (server.ended() !== null) throw new Error(`Redis ended with ${server.ended()}:\n${server.output()}`);
    return answersPing(port);
  });
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("data", (answer) => {
      // A server that wants a password is ready too; one that is loading its file is not.
      resolve(/^(\+PONG|-NOAUTH)/.test(answer.toString()));
      socket.destroy();
    });
  });
}
