/** The queue's server of a service without QUEUE_URL, through stops, kills and what they leave behind. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  addRow,
  commandLine,
  countRows,
  freshDataDir,
  serverPid,
  startOn,
  startOwner,
  urlIn,
} from "../support/embedded-data.ts";
import { until } from "../support/until.ts";

const QUICK_MS = 2_500;

describe("the embedded PostgreSQL", () => {
  it("makes its data the first time and has them back after a stop", async ({ annotate }) => {
    const dataDir = await freshDataDir();
    const began = performance.now();
    const first = await startOn(dataDir);
    await annotate(`ready after ${Math.round(performance.now() - began)} ms with empty data`);
    await addRow(first.url);
    await first.stop();

    // One of them: others may need both cores meanwhile.
    const readyMs: number[] = [];
    while (readyMs.length < 3 && !readyMs.some((ms) => ms < QUICK_MS)) {
      const again = performance.now();
      await using next = await startOn(dataDir);
      readyMs.push(Math.round(performance.now() - again));
      expect(await countRows(next.url)).toEqual([{ rows: 1 }]);
    }
    await annotate(`ready after ${readyMs.join(", ")} ms with data`);
    expect(Math.min(...readyMs)).toBeLessThan(QUICK_MS);
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
    await using mine = await startOn(dataDir);
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
    await using mine = await startOn(dataDir);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("comes back by itself, at the same address, when only the server dies", async () => {
    const dataDir = await freshDataDir();
    await using mine = await startOn(dataDir);
    await addRow(mine.url);
    process.kill(await serverPid(dataDir), "SIGKILL");
    const rows = await until("the server answers again", () => countRows(mine.url).catch(() => null));
    expect(rows).toEqual([{ rows: 1 }]);
  });

  it("refuses a second service on the same folder, and takes the folder over once the first is dead", async () => {
    const dataDir = await freshDataDir();
    const owner = await startOwner(dataDir);
    await expect(startOn(dataDir)).rejects.toMatchObject({
      name: "QueueError",
      effect: "none",
      message: expect.stringContaining("another service already uses"),
    });
    await addRow(urlIn(owner.report));
    await owner.kill();
    await using mine = await startOn(dataDir);
    const { report } = await startOwner(dataDir);
    expect(report).toEqual({ refusal: expect.stringContaining(`${dataDir} (DATA_DIR)`) });
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });

  it("can be started again in the same process after a stop", async () => {
    const dataDir = await freshDataDir();
    for (let round = 1; round <= 3; round += 1) {
      await using mine = await startOn(dataDir);
      await addRow(mine.url);
      expect(await countRows(mine.url)).toEqual([{ rows: round }]);
    }
  });

  it("never ends a stranger whose process id stands in a file left behind", async () => {
    const dataDir = await freshDataDir();
    await (await startOn(dataDir)).stop();
    const stranger = spawn("sleep", ["60"], { stdio: "ignore" });
    onTestFinished(() => void stranger.kill());
    for (const file of ["postmaster.pid", ".s.PGSQL.5432.lock"])
      await writeFile(join(dataDir, "postgres", file), `${stranger.pid}\n${dataDir}/postgres\n`);
    await using mine = await startOn(dataDir);
    await addRow(mine.url);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it("never ends the PostgreSQL of another folder", async () => {
    const [dataDir, othersDir] = [await freshDataDir(), await freshDataDir()];
    await using others = await startOn(othersDir);
    await (await startOn(dataDir)).stop();
    const theirs = await readFile(join(othersDir, "postgres/postmaster.pid"), "utf8");
    await writeFile(join(dataDir, "postgres/postmaster.pid"), theirs);
    await using mine = await startOn(dataDir);
    await addRow(mine.url);
    await addRow(others.url);
    expect(await serverPid(othersDir)).toBe(Number.parseInt(theirs, 10));
  });

  it("begins anew where the first start was cut off", async () => {
    const dataDir = await freshDataDir();
    await mkdir(join(dataDir, "postgres.new"), { recursive: true });
    await writeFile(join(dataDir, "postgres.new/PG_VERSION"), "half");
    await using mine = await startOn(dataDir);
    await addRow(mine.url);
    expect(await countRows(mine.url)).toEqual([{ rows: 1 }]);
  });
});
