/** Starts the service as a user would, and its peers, each as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pino } from "pino";
import packageJson from "../package.json" with { type: "json" };
import { startEmbeddedPostgres } from "../src/queue/embedded-postgres.ts";
import { freePort } from "../test/support/owned-process.ts";
import { until } from "../test/support/until.ts";

export const SECRET = "pdl_ntfset_01hsdn8d43dt7mezr1ef2jtbaw_hKkRiCGyyRhbFwIUuqiTBgI7gnWoV0Gr";

const ROOT = resolve(import.meta.dirname, "..");

export type Server = { readonly name: string; readonly url: string; readonly pid: number };

export type Servers = AsyncDisposable & { readonly list: readonly Server[] };

/** A server as the service starts one for itself, which waits for the disk; those of the tests do not. */
export async function startPostgres(): Promise<AsyncDisposable & { readonly url: string }> {
  await using opened = new AsyncDisposableStack();
  const folder = await temporaryFolder(opened);
  const log = pino({ level: "warn" });
  const server = opened.use(await startEmbeddedPostgres({ dataDir: join(folder, "data"), log }));
  const owned = opened.move();
  return { url: server.url.reveal(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** One that the embedded PostgreSQL, which runs as a user of its own, can get through to its data in. */
export async function temporaryFolder(opened: AsyncDisposableStack): Promise<string> {
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-bench-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  await chmod(folder, 0o755);
  return folder;
}

/** The rotator (web only), the floor and the usual way, all on one server of queues. */
export async function startServers(queueUrl: string): Promise<Servers> {
  await using opened = new AsyncDisposableStack();
  const folder = await temporaryFolder(opened);
  const startPeer = (name: string) =>
    start(opened, name, `exec node bench/peers/${name}.ts`, { SECRET, NAME: name, QUEUE_URL: queueUrl });
  const list = [
    await startRotator(opened, folder, { QUEUE_URL: queueUrl, ROLE: "web" }),
    await startPeer("floor"),
    await startPeer("express-sdk"),
  ];
  const owned = opened.move();
  return { list, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The service with one managed key. `env` chooses the queue; its state lies in `folder`. */
export async function startRotator(
  opened: AsyncDisposableStack,
  folder: string,
  env: Record<string, string>,
): Promise<Server> {
  const secret = "pdl_sdbx_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
  await writeFile(join(folder, "billing.env"), `ACTIVE_PADDLE_KEY=${secret}\n`, { mode: 0o600 });
  await writeFile(
    join(folder, "rotator.yaml"),
    "keys:\n  - name: billing-worker\n    store: { type: env-file, path: ./billing.env }\n",
  );
  return startConfigured(opened, folder, { PADDLE_API_URL: "http://127.0.0.1:9", ...env });
}

/** The service with the `rotator.yaml` that lies in the folder. */
export async function startConfigured(
  opened: AsyncDisposableStack,
  folder: string,
  env: Record<string, string>,
): Promise<Server> {
  return start(opened, "rotator", packageJson.scripts.start, {
    CONFIG_FILE: join(folder, "rotator.yaml"),
    DATA_DIR: join(folder, "data"),
    PADDLE_WEBHOOK_SECRETS: SECRET,
    ADMIN_PORT: String(await freePort()),
    LOG_LEVEL: "warn",
    ...env,
  });
}

/** A server that answers, as a process of its own. */
export async function start(
  opened: AsyncDisposableStack,
  name: string,
  command: string,
  env: Record<string, string>,
): Promise<Server> {
  const port = await freePort();
  // As npm does. Each command ends in `exec`, so that the process is the server.
  const child = spawn(command, {
    shell: true,
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      ...env,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  opened.defer(() => stop(child));
  const url = `http://127.0.0.1:${port}`;
  const probe = name === "rotator" ? "/readyz" : "/";
  await until(`${name} answers`, () => answers(`${url}${probe}`, name === "rotator"), 30_000);
  return { name, url, pid: child.pid ?? 0 };
}

async function answers(url: string, mustBeOk: boolean): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer !== null && (answer.ok || !mustBeOk);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await exited;
}
