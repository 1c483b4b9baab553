/** What an env file needs of its user, group and folder for a process that is not root. */
import { execFile } from "node:child_process";
import { chmod, chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import { checkOwner } from "../../../src/stores/env-file/writable.ts";
import { EnvFilePlace } from "../../support/env-file-place.ts";

const run = promisify(execFile);
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

type Action = "read" | "write" | "checkWritable";
type Spoil = (place: EnvFilePlace) => Promise<void>;

/** What the store says to such a process; null: nothing. */
async function errorOf(action: Action, place: EnvFilePlace): Promise<unknown> {
  const program = join(import.meta.dirname, "one-action.ts");
  const { stdout } = await run(process.execPath, [
    program,
    place.path,
    action,
    ...(isRoot ? [String(NOBODY)] : []),
  ]);
  return JSON.parse(stdout);
}

/** A place that belongs to that process's user. */
async function open(): Promise<EnvFilePlace> {
  const place = await EnvFilePlace.holding("ACTIVE_PADDLE_KEY=one\n");
  if (isRoot) for (const path of [place.path, place.folder]) await chown(path, NOBODY, NOBODY);
  return place;
}

async function addLock(place: EnvFilePlace, mode: number): Promise<void> {
  const lock = join(place.folder, ".billing.env.lock");
  await writeFile(lock, "");
  await chmod(lock, mode);
}

/** Only root can make a file that belongs to somebody else. */
const OF_OTHERS: [string, Action, Spoil, string][] = [
  [
    "belongs to another user",
    "checkWritable",
    async ({ path }) => {
      await chmod(path, 0o640);
      await chown(path, 0, NOBODY);
    },
    "belongs to another user (uid 0): chown it to the user of this process (uid 65534)",
  ],
  [
    "belongs to a foreign group",
    "checkWritable",
    ({ path }) => chown(path, NOBODY, 0),
    "belongs to a group (gid 0) that this process is not in",
  ],
];

describe("an env file, for a process that is not root,", () => {
  it("is fit to be written if the process owns it and its folder", async () => {
    await using place = await open();
    expect(await errorOf("checkWritable", place)).toBeNull();
    expect(await errorOf("write", place)).toBeNull();
  });

  it.each<[string, Action, Spoil, string]>([
    [
      "is not readable",
      "read",
      ({ path }) => chmod(path, 0),
      "is closed to this process (EACCES: permission denied",
    ],
    [
      "is in a closed folder",
      "read",
      ({ folder }) => chmod(folder, 0),
      "give it and its folder to the user of this",
    ],
    [
      "is in a folder that cannot be written",
      "checkWritable",
      ({ folder }) => chmod(folder, 0o500),
      "because its folder is not open to this process: let the user of this process (uid",
    ],
    [
      "is in a folder that cannot be written",
      "write",
      ({ folder }) => chmod(folder, 0o500),
      "cannot be locked: ",
    ],
    [
      "has a lock file that cannot be used",
      "checkWritable",
      (place) => addLock(place, 0),
      ".billing.env.lock is not open to this process: let the user of this",
    ],
    [
      "has a lock file that cannot be used",
      "write",
      (place) => addLock(place, 0),
      ".billing.env.lock cannot be used as a lock",
    ],
    ...(isRoot ? OF_OTHERS : []),
  ])("is refused if it %s: %s", async (_, action, spoil, message) => {
    await using place = await open();
    await spoil(place);
    const error = await errorOf(action, place);
    await chmod(place.folder, 0o700);
    expect(error).toEqual({ effect: "none", retry: "never", message: expect.stringContaining(message) });
  });

  it.each([
    [{ uid: 1000n, gid: 1000n }, null],
    [{ uid: 1000n, gid: 27n }, null],
    [{ uid: 1001n, gid: 1000n }, "belongs to another user (uid 1001)"],
    [{ uid: 0n, gid: 1000n }, "belongs to another user (uid 0)"],
    [{ uid: 1000n, gid: 28n }, "belongs to a group (gid 28)"],
  ])("is judged by its owner %o", (owner, message) => {
    const check = (user: number) => () => checkOwner(owner, { user, groups: [1000, 27] }, "billing.env");
    if (message === null) expect(check(1000)).not.toThrow();
    else expect(check(1000)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
    expect(check(0)).not.toThrow(StoreError);
  });
});
