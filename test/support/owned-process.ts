/** A server process that belongs to a test: it can be frozen and killed, and it does not outlive its parent. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { until } from "./until.ts";

export type OwnedProcess = {
  readonly pid: number;
  /** The end of what it has printed. */
  output(): string;
  /** Null while it runs; then why it ended. */
  ended(): string | null;
  /** Sends the signal and resolves when the process is gone; after `graceMs` it is killed. */
  end(signal: NodeJS.Signals, graceMs?: number): Promise<void>;
};

/** The program's path, or null if no folder of PATH holds it. */
export function findOnPath(program: string): string | null {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** Between finding a free port and using it somebody else may take it: then another one is tried. */
export async function onFreePort<Server>(launch: (port: number) => Promise<Server>) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, server: await launch(port) };
    } catch (error) {
      if (attempt === 5 || !String(error).includes("Address already in use")) throw error;
    }
  }
}

/**
 * Below the ports that systems give to outgoing connections: one that a dead server leaves is not taken by those. Above
 * 10080, the last one that `fetch` refuses as a bad port (fetch.spec.whatwg.org, "port blocking"). Test files that run
 * side by side, each in a process of its own, keep to a range of their own.
 */
const RANGE = 2_000;
const RANGES = 10;
const FIRST_PORT = 11_000 + RANGE * (Number(process.env["VITEST_POOL_ID"] ?? 0) % RANGES);

/** Who was given one may listen there only later: tests that run at the same time are never given the same. */
const given = new Set<number>();

/** A TCP port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, FIRST_PORT + RANGE);
    if (given.has(port)) continue;
    const server = createServer();
    const listening = once(server.listen(port, "127.0.0.1"), "listening");
    const isFree = await listening.then(
      () => true,
      () => false,
    );
    server.close();
    if (!isFree) continue;
    given.add(port);
    return port;
  }
}

/**
 * Starts a server and resolves when `isReady` says so. On Linux the kernel kills it if this process dies, however it dies;
 * elsewhere that covers only a process that ends by itself.
 */
export async function startOwned(
  { file, args, options = {} }: { file: string; args: readonly string[]; options?: SpawnOptions },
  isReady: (pid: number) => Promise<boolean>,
): Promise<OwnedProcess> {
  const setpriv = process.platform === "linux" ? findOnPath("setpriv") : null;
  const [command, argv] = setpriv
    ? [setpriv, ["--pdeathsig", "KILL", "--", file, ...args]]
    : [file, [...args]];
  const child = spawn(command, argv, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  await once(child, "spawn");
  const server = own(child, file);
  try {
    await until(`${file} is ready`, () => {
      if (server.ended() === null) return isReady(server.pid);
      throw new Error(`${file} ended with ${server.ended()}:\n${server.output()}`);
    });
  } catch (error) {
    await server.end("SIGKILL");
    throw error;
  }
  return server;
}

function own(child: ChildProcess, program: string): OwnedProcess {
  let printed = "";
  const keep = (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4_000));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  child.once("exit", () => process.removeListener("exit", killWithUs));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} has no process id`);

  const ended = () =>
    child.exitCode === null && child.signalCode === null ? null : String(child.exitCode ?? child.signalCode);
  return {
    pid,
    output: () => printed,
    ended,
    async end(signal, graceMs = 5_000) {
      const gone = until(`${program} ends on ${signal}`, () => ended() !== null, graceMs);
      child.kill("SIGCONT");
      child.kill(signal);
      await gone.catch(async () => {
        child.kill("SIGKILL");
        await until(`${program} ends on SIGKILL`, () => ended() !== null);
      });
    },
  };
}
