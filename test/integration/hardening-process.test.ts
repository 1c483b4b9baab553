/** The real process: what it leaves behind when it dies, and what a signal opens. Linux, where cores can be looked for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { openSite } from "../support/service.ts";
import { until } from "../support/until.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CANARY = "pdl_live_apikey_canarycanarycanary_canary";
const isLinux = process.platform === "linux";

/** Runs a line of code in a process that is hardened as the service is, with a canary in environment and memory. */
async function run(code: string, given: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), "hardened-"));
  const entry = join(folder, "entry.mjs");
  await writeFile(
    entry,
    `import { hardenProcess } from ${JSON.stringify(join(ROOT, "src/processes/hardened.ts"))};
console.log("hardened", JSON.stringify(hardenProcess()));
globalThis.held = [process.env.CANARY, Buffer.from(process.env.CANARY)];
${code}`,
  );
  const shell = `ulimit -c unlimited 2>/dev/null; exec "$0" "$@"`;
  const child = spawn("/bin/sh", ["-c", shell, process.execPath, ...given, entry], {
    cwd: folder,
    env: { PATH: process.env["PATH"], CANARY },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null, string | null]>,
  ]);
  const files = await Promise.all(
    (await readdir(folder))
      .filter((name) => name !== "entry.mjs")
      .map(async (name) => ({ name, content: await readFile(join(folder, name)) })),
  );
  await rm(folder, { recursive: true });
  return { stdout, stderr, exitCode, signal, files };
}

describe("a process that dies", () => {
  it.runIf(isLinux)("of a signal leaves no copy of its memory, even where cores are allowed", async () => {
    const { stdout, signal, files } = await run("process.abort();");
    expect(stdout).toContain('{"dumpsNoMemory":true}');
    expect(signal).toBe("SIGABRT");
    // Where the system writes cores elsewhere, the filter alone speaks.
    for (const { name, content } of files) expect(content.includes(CANARY), name).toBe(false);
  });

  it("leaves no environment in the report that some ask for", async () => {
    const { files } = await run('process.report.writeReport("report.json");');
    const report = files.find(({ name }) => name === "report.json")?.content.toString() ?? "";
    expect(report).toContain('"nodejsVersion"');
    expect(report).not.toContain("environmentVariables");
    expect(report).not.toContain(CANARY);
  });

  it("opens no debugger for who may send it signals", async () => {
    const { stdout, stderr, exitCode } = await run(
      `const { url } = await import("node:inspector");
process.kill(process.pid, "SIGUSR1");
const { setTimeout: pause } = await import("node:timers/promises");
for (let turn = 0; turn < 20; turn += 1) await pause(10);
console.log("debugger at", url());`,
    );
    expect(stdout).toContain("debugger at undefined");
    expect(stderr).not.toContain("Debugger listening");
    expect(exitCode).toBe(0);
  });
});

describe("the service", () => {
  it.runIf(isLinux)("is such a process, from before it reads a secret", { timeout: 60_000 }, async () => {
    await using site = await openSite({ env: {} });
    const service = await site.start();
    const filter = await readFile(`/proc/${service.pid}/coredump_filter`, "utf8");
    expect(Number.parseInt(filter, 16)).toBe(0);
    service.kill("SIGUSR1");
    service.kill("SIGTERM");
    expect(await service.ended).toBe(0);
    expect(await site.output()).not.toContain("Debugger listening");
  });

  it("that cannot start says why, without a secret", { timeout: 60_000 }, async () => {
    await using site = await openSite({ env: {} });
    const canary = `canary-${"x".repeat(30)}`;
    const given = [
      { QUEUE_URL: `redis://:${canary}@127.0.0.1:1` },
      { ADMIN_TOKEN: `${canary} with spaces` },
      { PADDLE_API_URL: `https://${canary}@127.0.0.1` },
    ];
    const started = await Promise.all(
      given.map((env) => site.start({ env, waitUntilReady: false, beside: true })),
    );
    const faulty = await Promise.all(started.slice(1).map(({ ended }) => ended));
    expect(faulty).toEqual([78, 78]);
    await until(
      "the queue is missed",
      async () => (await site.output()).includes("ECONNREFUSED"),
      30_000,
      50,
    );
    started[0]?.kill("SIGKILL");
    const printed = await site.output();
    expect(printed).toContain("ADMIN_TOKEN");
    expect(printed).not.toContain(canary);
    for (const secret of site.secrets()) expect(printed).not.toContain(secret);
  });
});
