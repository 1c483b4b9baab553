/** A real Redis of a test's own, on the loopback, that can be frozen, killed and started again. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onFreePort, startOwned } from "./owned-process.ts";
import { redisExecutable } from "./redis-executable.ts";

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
  const file = redisExecutable();
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "rotator-redis-")));
  const launch = (onPort: number) => {
    const place = ["--port", `${onPort}`, "--bind", "127.0.0.1", "--dir", dir];
    const args = [...place, "--save", "", "--appendonly", "no", ...(options.args ?? [])];
    return startOwned({ file, args }, () => answersPing(onPort));
  };
  const { port, server: first } = await onFreePort(launch);
  let server = first;

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
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
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
