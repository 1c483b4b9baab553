/** Programs that look: what their exit code means, what they get to know, and that they end. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { commandCheck, type CommandOptions } from "../../../src/checks/command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "check-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function look(body: string, options: Partial<CommandOptions> = {}) {
  const path = join(folder, "look");
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const check = commandCheck(
    {
      name: "logs",
      windowMs: 900_000,
      everyMs: 30_000,
      onFailure: "alert",
      failsAfter: { looks: 3, lastingMs: 0 },
      run: [path, "errors", "$HOME"],
      env: ["AWS_REGION", "NOT_SET"],
      timeoutMs: 10_000,
      ...options,
    },
    {
      keyName: "billing-worker",
      clock: systemClock,
      env: { PATH: process.env["PATH"], AWS_REGION: "eu-west-1", ADMIN_TOKEN: "canary" },
    },
  );
  return check.look();
}

describe("a program that looks", () => {
  it.each([
    [0, "good", "found nothing wrong"],
    [1, "bad", "found something wrong"],
    [2, "unknown", "exited with 2"],
    [127, "unknown", "exited with 127"],
  ])("and exits with %i is %s", async (code, state, what) => {
    expect(await look(`exit ${code}`)).toEqual({ state, says: expect.stringContaining(what) });
  });

  it("tells people by the first line that it writes, without secrets in it", async () => {
    const { says } = await look('echo "12 errors, Bearer canary-token-of-somebody"; echo more; exit 1');
    expect(says).toMatch(/found something wrong, "12 errors, Bearer \[hidden\]"\.$/);
  });

  it("gets its arguments as they are, the key's name, and of the environment what it was promised", async () => {
    const { says } = await look(
      'env -u PWD -u _ -u SHLVL -u OLDPWD -u PATH | sort | tr "\\n" " "; echo "$@"; exit 1',
    );
    expect(says).toContain('"AWS_REGION=eu-west-1 PADDLE_KEY_NAME=billing-worker errors $HOME"');
  });

  it("is ended at its time, and then nothing is known", async () => {
    expect(await look("exec sleep 600", { timeoutMs: 100 })).toEqual({
      state: "unknown",
      says: expect.stringContaining("not done after 0.1 s"),
    });
  });

  it("and is ended by somebody else says nothing", async () => {
    expect(await look("kill -9 $$")).toMatchObject({
      state: "unknown",
      says: expect.stringContaining("SIGKILL"),
    });
  });

  it("and is not there says nothing", async () => {
    expect(await look("", { run: [join(folder, "nobody")] })).toEqual({
      state: "unknown",
      says: expect.stringContaining("ENOENT"),
    });
  });
});
