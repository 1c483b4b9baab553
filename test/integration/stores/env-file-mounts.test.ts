/**
 * An env file on real mounts, where the kernel lets this process make some for itself. That the same faults are told
 * from the system's answers alone is shown by the tests of accidents and of mount points.
 */
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { EnvFilePlace } from "../../support/env-file-place.ts";

const run = promisify(execFile);

/** How to get mounts of one's own; undefined: not at all. */
const UNSHARE = [["--mount"], ["--mount", "--map-root-user"]].find(
  (flags) => spawnSync("unshare", [...flags, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).status === 0,
);

/** Shell scripts; `$1` is the folder. */
const MOUNTS = {
  // From the same file system, so that the device number of the file is that of its folder.
  file: 'cp -p "$1/billing.env" "$1/other.env"; mount --bind "$1/other.env" "$1/billing.env"',
  folder: 'mount --bind "$1" "$1"',
  "read-only": 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"',
  full: 'text=$(cat "$1/billing.env"); mount -t tmpfs -o size=256k tmpfs "$1"; echo "$text" >"$1/billing.env"; dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null || true',
};

const TEXT = "ACTIVE_PADDLE_KEY=one\n";

/** What the store says in a folder with such a mount, and then the text of the file. */
async function act(mount: keyof typeof MOUNTS, action: "checkWritable" | "write") {
  await using place = await EnvFilePlace.holding(TEXT);
  const program = join(import.meta.dirname, "one-action.ts");
  const script = `set -eu; umask 077; ${MOUNTS[mount]}; "$2" "$3" "$1/billing.env" "$4"; cat "$1/billing.env"`;
  const args = ["-c", script, "sh", place.folder, process.execPath, program, action];
  const { stdout } = await run("unshare", [...(UNSHARE ?? []), "sh", ...args]);
  const [report = "", ...lines] = stdout.split("\n");
  const error: unknown = JSON.parse(report);
  return { error, text: lines.join("\n") };
}

describe.runIf(UNSHARE)("an env file", () => {
  it.each<[keyof typeof MOUNTS, string, "never" | "later"]>([
    [
      "file",
      "is itself a mount point, so it cannot be replaced in one step: mount the folder, not the file",
      "never",
    ],
    ["read-only", "is on a read-only file system: mount its folder writable", "never"],
    ["full", "cannot be written, because the disk is full: make room; nothing has changed", "later"],
  ])(
    "on a mount of the kind %s is refused when it is checked, and untouched by a write",
    async (mount, message, retry) => {
      const refused = { effect: "none", retry, message: expect.stringContaining(message) };
      expect(await act(mount, "checkWritable")).toEqual({ error: refused, text: TEXT });
      const written = await act(mount, "write");
      expect(written).toEqual({ error: expect.objectContaining({ effect: "none", retry }), text: TEXT });
    },
  );

  it("may be in a folder that is a mount point", async () => {
    expect(await act("folder", "checkWritable")).toEqual({ error: null, text: TEXT });
    expect(await act("folder", "write")).toMatchObject({ error: null, text: expect.stringContaining(TEXT) });
  });
});
