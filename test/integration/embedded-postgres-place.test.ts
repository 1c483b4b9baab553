/** Where the embedded PostgreSQL works, whom it lets in, and what it says where it cannot work. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import {
  addRow,
  countRows,
  freshDataDir,
  query,
  ROOT,
  serverPid,
  startOn,
  startOwner,
} from "../support/embedded-data.ts";

describe("the embedded PostgreSQL and its place", () => {
  it("listens on no network and lets nobody but its own user to its files and its socket", async () => {
    const dataDir = await freshDataDir();
    await using mine = await startOn(dataDir);
    const settings = "SELECT current_setting('listen_addresses') AS tcp, inet_server_addr() AS address";
    expect(await query(mine.url, settings)).toEqual([{ tcp: "", address: null }]);
    const folder = await stat(join(dataDir, "postgres"));
    const socket = await stat(join(dataDir, "postgres/.s.PGSQL.5432"));
    expect([folder.mode & 0o777, socket.mode & 0o777]).toEqual([0o700, 0o700]);
  });

  it("waits for the disk with every commit", async () => {
    await using mine = await startOn(await freshDataDir());
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
    await using mine = await startOn(dataDir);
    await addRow(mine.url);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("works in a folder whose path is too long for a socket", async () => {
    const dataDir = join(await freshDataDir(), "..", "long".repeat(30));
    await using mine = await startOn(dataDir);
    await addRow(mine.url);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("leaves data of another major version alone and says what to do", async () => {
    const dataDir = await freshDataDir();
    await (await startOn(dataDir)).stop();
    await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
    await expect(startOn(dataDir)).rejects.toMatchObject({
      name: "QueueError",
      retry: "never",
      message: expect.stringMatching(/made by PostgreSQL 17 .* brings PostgreSQL 18/),
    });
    await writeFile(join(dataDir, "postgres/PG_VERSION"), "18\n");
    await (await startOn(dataDir)).stop();
  });

  it("repeats PostgreSQL's own words when it does not start", async () => {
    const dataDir = await freshDataDir();
    await (await startOn(dataDir)).stop();
    await writeFile(join(dataDir, "postgres/postgresql.conf"), "work_mem = 'plenty'\n");
    await expect(startOn(dataDir)).rejects.toThrow(/does not start on .*postgres \(exit code 1\).*work_mem/);
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
    await expect(startOn(dataDir)).rejects.toMatchObject({
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
