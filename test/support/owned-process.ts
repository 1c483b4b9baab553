/** A server process that belongs to a test: it can be frozen and killed, and it does not outlive its parent. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
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

/** A TCP port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/**
 * Starts a server. On Linux the kernel kills it if this process dies, however it dies;
 * elsewhere that covers only a process that ends by itself.
 */
export async function startOwned(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<OwnedProcess> {
  const setpriv = process.platform === "linux" ? findOnPath("setpriv") : null;
  const [command, argv] = setpriv
    ? [setpriv, ["--pdeathsig", "KILL", "--", program, ...args]]
    : [program, [...args]];
  const child = spawn(command, argv, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  await once(child, "spawn");
  return own(child, program);
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
