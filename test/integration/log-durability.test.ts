/** What counts as told or kept once it is in the log is in the log, even if the process dies right after. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const ENTRY = join(import.meta.dirname, "log-line.ts");

it.each([
  ["an alert", "alert", '"kind":"key-lost"'],
  ["an audit record", "record", '"msg":"audit record"'],
])(
  "%s is in the log although the process is killed right after it was written",
  async (_what, mode, line) => {
    const ended = await run(process.execPath, [ENTRY, mode]).catch((error: unknown) => error);
    expect(ended).toMatchObject({ signal: "SIGKILL", stdout: expect.stringContaining(line) });
  },
);
