/** The queue's server of a service without QUEUE_URL, through all that happens to services. */
import { type ChildProcess, execFile, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Secret } from "../../src/core/secret.ts";
import { startEmbeddedPostgres } from "../../src/queue/embedded-postgres.ts";
import type { Report } from "../support/embedded-postgres-owner.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dirname, "../..");
const log = pino({ level: "silent" });
const start = (dataDir: string) => startEmbeddedPostgres({ dataDir, log });

/** A folder that everybody may pass through. What runs in it at the end of the test is ended. */
async function freshDataDir(): Promise<string> {
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

async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8"), 10);
}

/** Empty for a process that has ended. */
async function commandLine(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
}

async function query(url: Secret | string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: typeof url === "string" ? url : url.reveal() });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const addRow = (url: Secret | string) =>
  query(url, "CREATE TABLE IF NOT EXISTS kept (row serial); INSERT INTO kept DEFAULT VALUES");
const countRows = (url: Secret | string) => query(url, "SELECT count(*)::int AS rows FROM kept");

/** Another process that owns the data, as the service does. */
async function startOwner(dataDir: string, env: NodeJS.ProcessEnv = {}) {
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

function urlIn(report: Report): string {
  if ("refusal" in report) throw new Error(report.refusal);
  return report.url;
}

describe("the embedded PostgreSQL", () => {
  it("makes its data the first time and has them back after a stop", async ({ annotate }) => {
    const dataDir = await freshDataDir();
    const began = performance.now();
    const first = await start(dataDir);
    await annotate(`ready after ${Math.round(performance.now() - began)} ms with empty data`);
    await addRow(first.url);
    await first.stop();

    const again = performance.now();
    await using second = await start(dataDir);
    const readyMs = Math.round(performance.now() - again);
    await annotate(`ready after ${readyMs} ms with data`);
    expect(readyMs).toBeLessThan(2_500);
    expect(await countRows(second.url)).toEqual([{ rows: 1 }]);
  });

  it("loses no row when the service that owns it is killed, again and again", async ({ annotate }) => {
    const dataDir = await freshDataDir();
    for (let kills = 1; kills <= 3; kills += 1) {
      const owner = await startOwner(dataDir);
      await addRow(urlIn(owner.report));
      await owner.kill();
      expect(await commandLine(await serverPid(dataDir))).toContain("postgres");
    }
    const orphan = await serverPid(dataDir);
    const began = performance.now();
    await using mine = await start(dataDir);
    await annotate(`ready after ${Math.round(performance.now() - began)} ms with an orphan in the way`);
    expect(await countRows(mine.url)).toEqual([{ rows: 3 }]);
    expect(await commandLine(orphan)).toBe("");
  });

  it("has its rows back after server and service were killed together", async () => {
    const dataDir = await freshDataDir();
    const owner = await startOwner(dataDir);
    await addRow(urlIn(owner.report));
    const server = await serverPid(dataDir);
    process.kill(server, "SIGKILL");
    await owner.kill();
    await until("the server is gone", async () => !(await commandLine(server)));
    await using mine = await start(dataDir);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("comes back by itself, at the same address, when only the server dies", async () => {
    const dataDir = await freshDataDir();
    await using mine = await start(dataDir);
    await addRow(mine.url);
    process.kill(await serverPid(dataDir), "SIGKILL");
    const rows = await until("the server answers again", () => countRows(mine.url).catch(() => null));
    expect(rows).toEqual([{ rows: 1 }]);
  });

  it("refuses a second service on the same folder, and takes the folder over once the first is dead", async () => {
    const dataDir = await freshDataDir();
    const owner = await startOwner(dataDir);
    await expect(start(dataDir)).rejects.toMatchObject({
      name: "QueueError",
      effect: "none",
      message: expect.stringContaining("another service already uses"),
    });
    await addRow(urlIn(owner.report));
    await owner.kill();
    await using mine = await start(dataDir);
    const { report } = await startOwner(dataDir);
    expect(report).toEqual({ refusal: expect.stringContaining(`${dataDir} (DATA_DIR)`) });
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("can be started again in the same process after a stop", async () => {
    const dataDir = await freshDataDir();
    for (let round = 1; round <= 3; round += 1) {
      await using mine = await start(dataDir);
      await addRow(mine.url);
      expect(await countRows(mine.url)).toEqual([{ rows: round }]);
    }
  });

  it("never ends a stranger whose process id stands in a file left behind", async () => {
    const dataDir = await freshDataDir();
    await (await start(dataDir)).stop();
    const stranger = spawn("sleep", ["60"], { stdio: "ignore" });
    onTestFinished(() => void stranger.kill());
    for (const file of ["postmaster.pid", ".s.PGSQL.5432.lock"])
      await writeFile(join(dataDir, "postgres", file), `${stranger.pid}\n${dataDir}/postgres\n`);
    await using mine = await start(dataDir);
    await addRow(mine.url);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it("never ends the PostgreSQL of another folder", async () => {
    const [dataDir, othersDir] = [await freshDataDir(), await freshDataDir()];
    await using others = await start(othersDir);
    await (await start(dataDir)).stop();
    const theirs = await readFile(join(othersDir, "postgres/postmaster.pid"), "utf8");
    await writeFile(join(dataDir, "postgres/postmaster.pid"), theirs);
    await using mine = await start(dataDir);
    await addRow(mine.url);
    await addRow(others.url);
    expect(await serverPid(othersDir)).toBe(Number.parseInt(theirs, 10));
  });

  it("listens on no network and lets nobody but its own user to its files and its socket", async () => {
    const dataDir = await freshDataDir();
    await using mine = await start(dataDir);
    const settings = "SELECT current_setting('listen_addresses') AS tcp, inet_server_addr() AS address";
    expect(await query(mine.url, settings)).toEqual([{ tcp: "", address: null }]);
    const folder = await stat(join(dataDir, "postgres"));
    const socket = await stat(join(dataDir, "postgres/.s.PGSQL.5432"));
    expect([folder.mode & 0o777, socket.mode & 0o777]).toEqual([0o700, 0o700]);
  });

  it("waits for the disk with every commit", async () => {
    await using mine = await start(await freshDataDir());
    const durable = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"];
    for (const setting of durable)
      expect(await query(mine.url, `SELECT current_setting('${setting}') AS value`)).toEqual([
        { value: "on" },
      ]);
  });

  it("knows nothing of the service's environment and hears no Ctrl-C from its terminal", async () => {
    const dataDir = await freshDataDir();
    await startOwner(dataDir, { PADDLE_WEBHOOK_SECRETS: "canary-secret" });
    const pid = await serverPid(dataDir);
    expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain("canary");
    const [, , processGroup] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
    expect(Number(processGroup)).toBe(pid);
  });

  it("works below a folder that only the service's user can enter, with any characters in its name", async () => {
    const parent = join(await freshDataDir(), "..", 'a, "b" %20 é');
    await mkdir(parent, { mode: 0o700 });
    const dataDir = join(parent, "data");
    await using mine = await start(dataDir);
    await addRow(mine.url);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("works in a folder whose path is too long for a socket", async () => {
    const dataDir = join(await freshDataDir(), "..", "long".repeat(30));
    await using mine = await start(dataDir);
    await addRow(mine.url);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("begins anew where the first start was cut off", async () => {
    const dataDir = await freshDataDir();
    await mkdir(join(dataDir, "postgres.new"), { recursive: true });
    await writeFile(join(dataDir, "postgres.new/PG_VERSION"), "half");
    await using mine = await start(dataDir);
    await addRow(mine.url);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("leaves data of another major version alone and says what to do", async () => {
    const dataDir = await freshDataDir();
    await (await start(dataDir)).stop();
    await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
    await expect(start(dataDir)).rejects.toMatchObject({
      name: "QueueError",
      retry: "never",
      message: expect.stringMatching(/made by PostgreSQL 17 .* brings PostgreSQL 18/),
    });
    await writeFile(join(dataDir, "postgres/PG_VERSION"), "18\n");
    await (await start(dataDir)).stop();
  });

  it("repeats PostgreSQL's own words when it does not start", async () => {
    const dataDir = await freshDataDir();
    await (await start(dataDir)).stop();
    await writeFile(join(dataDir, "postgres/postgresql.conf"), "work_mem = 'plenty'\n");
    await expect(start(dataDir)).rejects.toThrow(/does not start on .*postgres \(exit code 1\).*work_mem/);
  });

  it("repeats PostgreSQL's own words when it cannot write its files", async () => {
    const dataDir = await freshDataDir();
    const script = `import { pino } from "pino";
      import { startEmbeddedPostgres } from "./src/queue/embedded-postgres.ts";
      const log = pino({ level: "silent" });
      await startEmbeddedPostgres({ dataDir: "${dataDir}", log }).catch((error) => console.log(error.message));`;
    // No file may grow beyond 1 MB, as on a disk that is almost full.
    const limited = ["--fsize=1000000", process.execPath, "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)("prlimit", limited, { cwd: ROOT });
    expect(stdout).toMatch(/could not make its files in .*postgres\.new: .*File too large/);
  });

  it("says that DATA_DIR cannot be used where it is no folder", async () => {
    const dataDir = await freshDataDir();
    await writeFile(dataDir, "");
    await expect(start(dataDir)).rejects.toMatchObject({
      name: "QueueError",
      message: expect.stringMatching(/\(DATA_DIR\) cannot be used: EEXIST.*QUEUE_URL/),
    });
  });

  it("asks for QUEUE_URL where its programs are not installed", async () => {
    const dataDir = await freshDataDir();
    // A copy of the service without node_modules, as in an image without optional parts.
    const copy = join(dataDir, "../service");
    await cp(join(ROOT, "src"), join(copy, "src"), { recursive: true });
    await writeFile(join(copy, "package.json"), '{ "type": "module" }');
    const script = `import { startEmbeddedPostgres } from "./src/queue/embedded-postgres.ts";
      await startEmbeddedPostgres({ dataDir: "data" }).catch((error) => console.log(error.message));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: copy,
    });
    expect(stdout).toMatch(/^QUEUE_URL is not set, .* is not installed here: set QUEUE_URL/);
  });
});
