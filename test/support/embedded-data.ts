/** Folders, owners and queries for tests of the embedded PostgreSQL. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import type { Secret } from "../../src/core/secret.ts";
import { startEmbeddedPostgres } from "../../src/queue/embedded-postgres.ts";
import type { Report } from "./embedded-postgres-owner.ts";
import { until } from "./until.ts";

export const ROOT = join(import.meta.dirname, "../..");
const log = pino({ level: "silent" });
export const startOn = (dataDir: string) => startEmbeddedPostgres({ dataDir, log });

/** A folder that everybody may pass through. What runs in it at the end of the test is ended. */
export async function freshDataDir(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "rotator-data-"));
  await chmod(parent, 0o755);
  const dataDir = join(parent, "data");
  onTestFinished(async () => {
    const pid = await serverPid(dataDir).catch(() => null);
    if (pid !== null) process.kill(pid, "SIGQUIT");
    await until("the server is gone", async () => pid === null || !(await commandLine(pid)));
    await rm(parent, { recursive: true, force: true });
  });
  return dataDir;
}

export async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8"), 10);
}

/** Empty for a process that has ended. */
export async function commandLine(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
}

export async function query(url: Secret | string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: typeof url === "string" ? url : url.reveal() });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

export const addRow = (url: Secret | string) =>
  query(url, "CREATE TABLE IF NOT EXISTS kept (row serial); INSERT INTO kept DEFAULT VALUES");
export const countRows = (url: Secret | string) => query(url, "SELECT count(*)::int AS rows FROM kept");

/** Another process that owns the data, as the service does. */
export async function startOwner(dataDir: string, env: NodeJS.ProcessEnv = {}) {
  const script = join(ROOT, "test/support/embedded-postgres-owner.ts");
  const owner: ChildProcess = fork(script, [dataDir], { execArgv: [], env: { ...process.env, ...env } });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const report: Report = (await once(owner, "message"))[0];
  return {
    report,
    async kill() {
      owner.kill("SIGKILL");
      await once(owner, "exit");
    },
  };
}

export function urlIn(report: Report): string {
  if ("refusal" in report) throw new Error(report.refusal);
  return report.url;
}
