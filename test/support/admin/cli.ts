/** The command line as a person or a script runs it: a process beside the admin listener of a test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { findOnPath } from "../owned-process.ts";

const ENTRY = resolve(import.meta.dirname, "../../../src/cli.ts");

export type CliResult = { readonly code: number | null; readonly out: string; readonly err: string };

export type Cli = AsyncDisposable & {
  /** `input` is piped in; left out: standard input is at its end. */
  run(args: readonly string[], input?: string): Promise<CliResult>;
  /** On a terminal: `typed` follows as soon as the prompt is there; `out` is all that the screen shows. */
  type(args: readonly string[], prompt: string, typed: string): Promise<CliResult>;
};

/** True where a terminal can be played: util-linux's `script` is on Debian and Ubuntu by default. */
export const HAS_TERMINAL = process.platform === "linux" && findOnPath("script") !== null;

/**
 * @param origin the admin listener
 * @param sections more sections of rotator.yaml
 */
export async function openCli(origin: string, token = "", sections = ""): Promise<Cli> {
  const folder = await mkdtemp(join(tmpdir(), "rotator-cli-"));
  const file = join(folder, "rotator.yaml");
  const keys = "keys:\n  - name: billing\n    store: { type: env-file, path: ./billing.env }\n";
  await writeFile(file, keys + sections);
  await writeFile(join(folder, "billing.env"), "ACTIVE_PADDLE_KEY=x\n", { mode: 0o600 });
  const env = {
    PATH: process.env["PATH"],
    TERM: "dumb",
    CONFIG_FILE: file,
    ADMIN_PORT: new URL(origin).port,
    PADDLE_WEBHOOK_SECRETS: "pdl_ntfset_0123456789abcdef",
    ...(token && { ADMIN_TOKEN: token }),
  };

  const start = (command: string, args: readonly string[]) => {
    const child = spawn(command, args, { env, stdio: "pipe", timeout: 30_000 });
    child.stdin.on("error", () => {});
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { child, ended: ended.then(([out, err]): CliResult => ({ code: child.exitCode, out, err })) };
  };

  return {
    run(args, input = "") {
      const { child, ended } = start(process.execPath, [ENTRY, ...args]);
      child.stdin.end(input);
      return ended;
    },

    type(args, prompt, typed) {
      const words = [process.execPath, ENTRY, ...args].map((word) => `'${word}'`).join(" ");
      // --return: the exit code is that of the command.
      const { child, ended } = start("script", ["--quiet", "--return", "--command", words, "/dev/null"]);
      let shown = "";
      const look = (chunk: Buffer) => {
        shown += chunk.toString();
        if (!shown.includes(prompt)) return;
        child.stdout.off("data", look);
        child.stdin.write(typed);
      };
      child.stdout.on("data", look);
      return ended;
    },

    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
