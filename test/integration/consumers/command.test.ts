/** Programs that are run without a shell, with little around them, and that end when their time is over. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { commandConsumer } from "../../../src/consumers/command/consumer.ts";
import type { SwitchOver } from "../../../src/core/consumer.ts";
import type { Clock } from "../../../src/core/ports.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { until } from "../../support/until.ts";

const SWITCH_OVER: SwitchOver = {
  id: "sw_7f3a9c",
  keyName: "billing-worker",
  rotationId: null,
  fingerprint: "sha256:0123456789abcdef",
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "command-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function script(body: string): Promise<string> {
  const path = join(folder, "script");
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

type Argv = readonly [string, ...string[]];
const PATH = process.env["PATH"];

function consumer(
  run: Argv,
  clock: Clock = systemClock,
  verify: Argv | null = null,
  names: readonly string[] = [],
) {
  const env = {
    PATH,
    LANG: "C.UTF-8",
    ADMIN_TOKEN: "canary",
    NODE_OPTIONS: "--no-warnings",
    AWS_REGION: "eu-1",
    PADDLE_KEY_NAME: "somebody",
  };
  const options = { name: "billing", refreshMs: 0, timeoutMs: 60_000, run, verify, env: names };
  return commandConsumer(options, { clock, records: memoryRecords(), env });
}

const written = (name: string) => readFile(join(folder, name), "utf8");

/** The number of a process that a script started, once all of it is written. */
async function writtenPid(): Promise<number> {
  return until("its process id is written", async () => {
    const [, digits] = /^([1-9]\d*)\n/.exec(await written("pid").catch(() => "")) ?? [];
    return digits === undefined ? null : Number(digits);
  });
}

describe("a program that is run", () => {
  it("gets its arguments as they are: no shell reads them", async () => {
    const path = await script(`printf '%s\\n' "$@" > "${folder}/out"`);
    const hostile = ["$(touch pwned)", "; rm -rf x", "`id`", "a b", "", "*", "--"];
    await consumer([path, ...hostile]).notify(SWITCH_OVER);
    expect(await written("out")).toBe(`${hostile.join("\n")}\n`);
  });

  it("knows what is rotated, PATH and LANG, and nothing else of this process", async () => {
    const path = await script(`env > "${folder}/out"; pwd >> "${folder}/out"`);
    await consumer([path]).notify(SWITCH_OVER);
    const names = (await written("out")).split("\n").filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line));
    expect(names.toSorted()).toEqual(
      [
        "",
        "/",
        "LANG=C.UTF-8",
        "PADDLE_KEY_FINGERPRINT=sha256:0123456789abcdef",
        "PADDLE_KEY_NAME=billing-worker",
        "PADDLE_KEY_ROTATION=",
        "PADDLE_SWITCH_OVER_ID=sw_7f3a9c",
        `PATH=${PATH}`,
      ].toSorted(),
    );
  });

  it("gets the variables that its configuration names, which never hide what is rotated", async () => {
    const path = await script(`env > "${folder}/out"; exit 10`);
    const names = ["AWS_REGION", "NOT_SET", "PADDLE_KEY_NAME"];
    const told = consumer([path], systemClock, [path], names);
    // It exits with 10: to be told that is a failure.
    const calls = [() => told.notify(SWITCH_OVER).catch(() => {}), () => told.observe(SWITCH_OVER)];
    for (const call of calls) {
      await call();
      const lines = (await written("out")).split("\n");
      expect(lines).toContain("AWS_REGION=eu-1");
      expect(lines).toContain("PADDLE_KEY_NAME=billing-worker");
      expect(lines.join()).not.toMatch(/NOT_SET|canary|NODE_OPTIONS/);
      await rm(join(folder, "out"), { force: true });
    }
  });

  it("has no input and none of our open files", async () => {
    await using held = await open(join(folder, "held"), "w");
    expect(held.fd).toBeGreaterThan(2);
    await using server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const path = await script(
      `files=$(ls -l /proc/$$/fd); echo "$files" > "${folder}/out"; cat >> "${folder}/out"`,
    );
    await consumer([path]).notify(SWITCH_OVER);
    const files = await written("out");
    expect(files).toMatch(/ 0 -> \/dev\/null$/m);
    expect(files).toMatch(/ 2 -> \/dev\/null$/m);
    // 1 is what we read from it.
    expect(files).not.toMatch(/held|(?<! 1) -> socket:/);
  });

  it("is found in PATH by its name", async () => {
    expect(await consumer(["true"]).notify(SWITCH_OVER)).toBe("told");
  });

  it("that cannot be started is named, with what to do", async () => {
    await expect(consumer(["no-such-program"]).notify(SWITCH_OVER)).rejects.toMatchObject({
      message:
        "consumer billing has a program that cannot be started: no-such-program (ENOENT): give its absolute path, or a name that is in the rotator's PATH, and let the rotator's user run it",
      effect: "none",
      retry: "never",
    });
    const path = await script("true");
    await writeFile(path, "", { mode: 0o644 });
    await rm(path);
    await writeFile(path, "", { mode: 0o644 });
    await expect(consumer([path]).notify(SWITCH_OVER)).rejects.toThrow("(EACCES)");
  });

  it("is named as well where the system refuses it at once", async () => {
    const path = await script("true");
    await expect(consumer([join(path, "below")]).notify(SWITCH_OVER)).rejects.toMatchObject({
      message: `consumer billing has a program that cannot be started: ${path}/below (ENOTDIR): give its absolute path, or a name that is in the rotator's PATH, and let the rotator's user run it`,
      effect: "none",
    });
  });

  it("is not started, and nothing breaks, where this process may open no more files", async () => {
    const entry = join(folder, "entry.mjs");
    const from = (file: string) => JSON.stringify(resolve(import.meta.dirname, "../../../src", file));
    await writeFile(
      entry,
      `import { openSync } from "node:fs";
import { run } from ${from("processes/run.ts")};
import { systemClock as clock } from ${from("clock.ts")};
const room = () => { try { return openSync("/dev/null", "r"); } catch { return null; } };
while (room() !== null);
const ran = await run(["/bin/true"], {}, { clock, timeoutMs: 1_000 });
process.exitCode = ran.kind === "not-started" && ran.fault === "EMFILE" ? 7 : 1;`,
    );
    const inShort = spawnSync("/bin/sh", ["-c", 'ulimit -n 64; exec "$0" "$1"', process.execPath, entry]);
    expect(inShort.status, String(inShort.stderr)).toBe(7);
  });

  it("that fails may be run again, and is quoted in its first line and no more", async () => {
    const path = await script(
      'echo "cannot reach billing: token=canary"; echo canary-two; echo canary-three >&2; exit 3',
    );
    await expect(consumer([path]).notify(SWITCH_OVER)).rejects.toMatchObject({
      message: `consumer billing may not have been told: ${path} exited with 3, "cannot reach billing: token=[hidden]": run it by hand and mend it`,
      effect: "unknown",
      retry: "later",
    });
  });

  it("runs again after it failed, and no more after it succeeded", async () => {
    const path = await script(`echo run >> "${folder}/out"; test -e "${folder}/mended"`);
    const telling = consumer([path]);
    await expect(telling.notify(SWITCH_OVER)).rejects.toThrow("exited with 1");
    await writeFile(join(folder, "mended"), "");
    await telling.notify(SWITCH_OVER);
    await telling.notify(SWITCH_OVER);
    expect(await written("out")).toBe("run\nrun\n");
  });

  it("may write as much as it likes: nothing of it is kept but the beginning", async () => {
    const path = await script("head -c 50000000 /dev/zero | tr '\\0' 'x '; exit 4");
    await expect(consumer([path]).notify(SWITCH_OVER)).rejects.toThrow("exited with 4");
  });

  it("is over when it ends, although something that it started holds its output", async () => {
    const path = await script(`sleep 600 & echo $! > "${folder}/pid"`);
    await consumer([path]).notify(SWITCH_OVER);
    const pid = await writtenPid();
    expect(isAlive(pid), "what it started lives on").toBe(true);
    process.kill(pid, "SIGKILL");
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a program whose time is over", () => {
  it("is asked to end, and is ended 5 seconds later with all that it started", async () => {
    const clock = new FakeClock();
    const path = await script(
      `trap 'echo asked > "${folder}/asked"' TERM
sh -c 'trap "" TERM; echo $$ > "${folder}/pid"; while :; do sleep 0.05; done' &
while :; do wait; done`,
    );
    const telling = consumer([path], clock).notify(SWITCH_OVER);
    const failed = expect(telling).rejects.toMatchObject({
      message: `consumer billing may not have been told: ${path} was not done after 60 s and was ended: run it by hand and mend it`,
      effect: "unknown",
      retry: "later",
    });
    const pid = await writtenPid();
    await clock.advance(60_000);
    await until("it was asked", () => written("asked").catch(() => null));
    expect(isAlive(pid)).toBe(true);
    await clock.advance(5_000);
    await failed;
    await until("its child is gone", () => !isAlive(pid));
  });

  it("and that ends when it is asked is not waited for, nor is what it left behind spared", async () => {
    const clock = new FakeClock();
    const path = await script(
      `trap 'exit 0' TERM
sh -c 'trap "" TERM; echo $$ > "${folder}/pid"; while :; do sleep 0.05; done' &
while :; do wait; done`,
    );
    const telling = consumer([path], clock).notify(SWITCH_OVER);
    const failed = expect(telling).rejects.toThrow("was not done after 60 s");
    const pid = await writtenPid();
    await clock.advance(60_000);
    await failed;
    await until("its child is gone", () => !isAlive(pid));
  });
});

describe("a program that looks", () => {
  const look = async (body: string) =>
    consumer(["true"], systemClock, [await script(body)]).observe(SWITCH_OVER);

  it.each([
    ["exit 0", "proved", /says that all have switched over/],
    ["echo 'all three'; echo more", "proved", /^all three$/],
    ["echo 'two of three'; exit 10", "under-way", /^two of three$/],
    ["exit 10", "under-way", /says that not all have/],
  ])("says it by its exit code, and in its first line: %s", async (body, state, says) => {
    const progress = await look(body);
    expect(progress).toEqual({ state, instances: [], says: expect.stringMatching(says) });
  });

  it.each(["exit 1", "exit 11", "exit 127", "kill -9 $$"])("proves nothing by %s", async (body) => {
    await expect(look(body)).rejects.toMatchObject({
      message: expect.stringContaining("it must exit with 0 (proved) or 10 (under way)"),
      effect: "none",
      retry: "later",
    });
  });

  it("gets 30 seconds, however long the roll-out may take", async () => {
    const clock = new FakeClock();
    const path = await script(`echo > "${folder}/running"; exec sleep 600`);
    const looking = consumer(["true"], clock, [path]).observe(SWITCH_OVER);
    const failed = expect(looking).rejects.toThrow("was not done after 30 s and was ended");
    await until("it runs", () => written("running").catch(() => null));
    await clock.advance(30_000);
    await failed;
  });
});
