/** Files that are not safe to keep secrets in, or that could not be replaced, are refused with the remedy. */
import { execFile } from "node:child_process";
import { mkdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, unknownOrigin } from "../../../src/core/slots.ts";
import { EnvFilePlace } from "../../support/env-file-place.ts";

const run = promisify(execFile);
const TEXT = "ACTIVE_PADDLE_KEY=one\n";
const NEXT = { ...EMPTY_SLOTS, active: unknownOrigin(new Secret("two")) };

/** The error of a fault that only a person can mend. */
const refused = (message: string) =>
  expect.objectContaining({
    name: "StoreError",
    effect: "none",
    retry: "never",
    message: expect.stringContaining(message),
  });

async function makePipe(path: string): Promise<void> {
  await rm(path);
  await run("mkfifo", ["-m", "600", path]);
}

async function makeFolder(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

describe("an env file", () => {
  it.each<[string, (place: EnvFilePlace) => Promise<void>, string]>([
    [
      "is not there",
      ({ path }) => rm(path),
      "./secrets/billing.env does not exist (ENOENT: no such file or directory",
    ],
    ["is not there", ({ path }) => rm(path), "install -m 600 /dev/null ./secrets/billing.env"],
    [
      "is in no folder",
      ({ folder }) => rm(folder, { recursive: true }),
      "is in a folder that does not exist (/",
    ],
    ["is a folder", ({ path }) => makeFolder(path), "is no regular file"],
    ["is a named pipe", ({ path }) => makePipe(path), "is no regular file"],
    ["is too large", (place) => place.save("#".repeat(1_048_577)), "is larger than 1048576 bytes"],
    [
      "is not UTF-8",
      (place) => place.save(Buffer.of(0x41, 0x3d, 0xff)),
      "is not UTF-8 text: save it as UTF-8",
    ],
    ["is UTF-16", (place) => place.save(Buffer.from("\uFEFFA=1\n", "utf16le")), "is not UTF-8 text"],
    [
      "sets the key twice",
      (place) => place.save(TEXT + TEXT),
      "./secrets/billing.env: lines 1 and 2 both hold",
    ],
    [
      "is a link to itself",
      ({ path }) => rm(path).then(() => symlink("billing.env", path)),
      "is no regular file (ELOOP",
    ],
  ])("is refused if it %s", async (_, spoil, message) => {
    await using place = await EnvFilePlace.holding(TEXT);
    const store = place.store();
    const { version } = await store.read();
    await spoil(place);
    await expect(store.read()).rejects.toEqual(refused(message));
    await expect(store.checkWritable()).rejects.toEqual(refused(message));
    await expect(store.write(NEXT, version)).rejects.toEqual(refused(message));
  });

  it.each([0o604, 0o644, 0o664, 0o666, 0o777])(
    "is refused with mode %o, because every user can read it",
    async (mode) => {
      await using place = await EnvFilePlace.holding(TEXT, mode);
      await expect(place.store().read()).rejects.toEqual(
        refused(
          "./secrets/billing.env can be read by every user of this machine: chmod 600 ./secrets/billing.env (or 640, if",
        ),
      );
    },
  );

  it.each([0o620, 0o602, 0o660])("is refused with mode %o, because others can change it", async (mode) => {
    await using place = await EnvFilePlace.holding(TEXT, mode);
    await expect(place.store().read()).rejects.toEqual(
      refused("can be changed by other users than its owner: chmod"),
    );
  });

  it.each([0o600, 0o640, 0o700, 0o400, 0o440])("is taken with mode %o, and keeps it", async (mode) => {
    await using place = await EnvFilePlace.holding(TEXT, mode);
    const store = place.store();
    await store.checkWritable();
    expect(await store.write(NEXT, (await store.read()).version)).toBe("written");
    expect(await place.mode()).toBe(mode);
  });

  it("is taken up to one MiB, and does not grow beyond", async () => {
    await using place = await EnvFilePlace.holding(`${TEXT}#`.padEnd(1_048_576, "x"));
    const { version } = await place.store().read();
    await expect(place.store().write(NEXT, version)).rejects.toEqual(refused("is larger than 1048576 bytes"));
    expect((await place.store().read()).version).toBe(version);
  });

  it("is named in the remedy as a shell needs it", async () => {
    await using place = await EnvFilePlace.holding(TEXT, 0o644);
    await rename(place.path, join(place.folder, "bob's env"));
    await expect(place.storeAt("bob's env").read()).rejects.toEqual(
      refused(String.raw`chmod 600 './secrets/bob'\''s env' `),
    );
  });

  it("may be a link to a file in its own folder: the file changes, the link stays, and there is one lock", async () => {
    await using place = await EnvFilePlace.holding(TEXT);
    await symlink("billing.env", join(place.folder, "link.env"));
    const store = place.storeAt("link.env");
    await store.checkWritable();
    expect(await store.write(NEXT, (await store.read()).version)).toBe("written");
    expect(await readlink(join(place.folder, "link.env"))).toBe("billing.env");
    expect(await place.text()).toContain("ACTIVE_PADDLE_KEY=two");
    expect((await place.files()).toSorted()).toEqual([".billing.env.lock", "billing.env", "link.env"]);
  });

  it("may be in a folder that is reached by a link", async () => {
    await using place = await EnvFilePlace.holding(TEXT);
    await mkdir(join(place.folder, "real"), { mode: 0o700 });
    await rename(place.path, join(place.folder, "real", "billing.env"));
    await symlink("real", join(place.folder, "current"));
    const store = place.storeAt("current/billing.env");
    expect(await store.write(NEXT, (await store.read()).version)).toBe("written");
    expect(await readFile(join(place.folder, "real", "billing.env"), "utf8")).toContain("=two");
  });

  it.each(["below/billing.env", "../outside.env"])(
    "is refused as a link that leads to %s",
    async (target) => {
      await using outer = await EnvFilePlace.holding(TEXT);
      await mkdir(join(outer.folder, "folder", "below"), { recursive: true });
      await writeFile(join(outer.folder, "folder", target), TEXT, { mode: 0o600 });
      await symlink(target, join(outer.folder, "folder", "link.env"));
      const attempt = outer.storeAt("folder/link.env").read();
      await expect(attempt).rejects.toEqual(
        refused("leads out of its folder: configure the path of the file itself, /"),
      );
    },
  );
});
