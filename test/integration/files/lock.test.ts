/** One holder at a time, between processes and within one, and no lock outlives its holder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireFileLock, type FileLock, FileLockError, tryFileLock } from "../../../src/files/lock.ts";

let folder: string;
let path: string;
/** Locks held until the end of the test. */
let held: DisposableStack;

beforeEach(async () => {
  held = new DisposableStack();
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  path = join(folder, ".billing.env.lock");
});

afterEach(async () => {
  held.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Takes the lock at once, or fails the test. */
function take(): FileLock {
  return held.use(tryFileLock(path) ?? expect.fail("the lock was not free"));
}

/** A process that holds the lock. */
async function startHolder() {
  const program = join(import.meta.dirname, "hold-lock.ts");
  const child = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  return {
    errors: () => errors,
    signal: (name: NodeJS.Signals) => child.kill(name),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

describe("a file lock", () => {
  it("is refused to a second holder in the same process until the first lets go", () => {
    const first = take();
    expect(tryFileLock(path)).toBeNull();
    first[Symbol.dispose]();
    take();
  });

  it("is not let go by a former holder that lets go twice", () => {
    const first = take();
    first[Symbol.dispose]();
    take();
    first[Symbol.dispose]();
    expect(tryFileLock(path)).toBeNull();
  });

  it("is refused to other processes, which hear nothing else about it", async () => {
    await using holder = await startHolder();
    expect(tryFileLock(path)).toBeNull();
    expect(holder.errors()).toBe("");
  });

  it("is kept by a process that is merely stopped", async () => {
    await using holder = await startHolder();
    holder.signal("SIGSTOP");
    await expect(acquireFileLock(path, { waitMs: 100 })).rejects.toThrow("still locked");
  });

  it("goes to the one who waits when its holder is killed", async () => {
    await using holder = await startHolder();
    const waiting = acquireFileLock(path, { waitMs: 10_000 });
    holder.signal("SIGKILL");
    held.use(await waiting);
  });

  it("is waited for without holding up the process that holds it", async () => {
    const first = take();
    const waiting = acquireFileLock(path);
    for (let count = 0; count < 100; count += 1) await turn();
    first[Symbol.dispose]();
    held.use(await waiting);
    expect(tryFileLock(path)).toBeNull();
  });

  it("is given up after the time allowed, with a word on what is locked and how to find by whom", async () => {
    take();
    const started = performance.now();
    const error = await acquireFileLock(path, { waitMs: 50 }).catch((reason: unknown) => reason);
    expect(performance.now() - started).toBeGreaterThanOrEqual(50);
    expect(error).toBeInstanceOf(FileLockError);
    expect(error).toMatchObject({
      effect: "none",
      retry: "later",
      message: `${path} was still locked by somebody else after 50 ms; "fuser -v ${path}" shows which process that is`,
    });
  });

  it("is had without waiting if it is free, and only then", async () => {
    const lock = held.use(await acquireFileLock(path, { waitMs: 0 }));
    await expect(acquireFileLock(path, { waitMs: 0 })).rejects.toThrow("still locked");
    lock[Symbol.dispose]();
    held.use(await acquireFileLock(path, { waitMs: 0 }));
  });

  it("has one holder at a time however many want it, and all get it", async () => {
    let holders = 0;
    const most = await Promise.all(
      Array.from({ length: 20 }, async () => {
        using lock = await acquireFileLock(path);
        expect(lock).toBeDefined();
        holders += 1;
        await turn();
        return holders--;
      }),
    );
    expect(most).toEqual(Array.from({ length: 20 }, () => 1));
  });

  it("needs one empty file that only its owner may open", async () => {
    take();
    const { size, mode } = await stat(path);
    expect({ size, mode: mode & 0o777 }).toEqual({ size: 0, mode: 0o600 });
    expect(await readdir(folder)).toEqual([".billing.env.lock"]);
  });

  it("leaves no file open, neither after failures nor after success", async () => {
    take()[Symbol.dispose]();
    const before = readdirSync("/dev/fd").length;
    const lock = take();
    for (let count = 0; count < 100; count += 1) expect(tryFileLock(path)).toBeNull();
    await Promise.allSettled(Array.from({ length: 20 }, () => acquireFileLock(path, { waitMs: 0 })));
    lock[Symbol.dispose]();
    for (let count = 0; count < 100; count += 1) take()[Symbol.dispose]();
    expect(() => tryFileLock(folder)).toThrow(FileLockError);
    expect(readdirSync("/dev/fd")).toHaveLength(before);
  });

  it("is kept although nobody refers to it any more", async () => {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect !== "function") throw new Error("no garbage collector at hand");
    expect(tryFileLock(path)).not.toBeNull();
    for (let count = 0; count < 10; count += 1) {
      collect();
      await turn();
    }
    expect(tryFileLock(path)).toBeNull();
  });

  it.each([
    ["in a folder that does not exist", () => rm(folder, { recursive: true })],
    ["that is a folder", () => mkdir(path)],
    ["that holds something", () => writeFile(path, "something else")],
  ])("is refused for a path %s", async (_, spoil) => {
    await spoil();
    const refused = expect.objectContaining({ retry: "never", message: expect.stringContaining(path) });
    expect(() => tryFileLock(path)).toThrow(refused);
    await expect(acquireFileLock(path)).rejects.toEqual(refused);
  });
});
