/** A file is replaced as a whole, keeps its mode and owner, and nobody else's change is overwritten. */
import {
  appendFile,
  chmod,
  chown,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceText } from "../../../src/files/atomic-write.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "atomic-write-"));
  path = join(folder, "billing.env");
  await writeFile(path, "old", { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true }));

/** Changes the file until its ctime shows it: on older kernels that clock ticks every few milliseconds. */
async function noticeably(change: () => Promise<void>): Promise<void> {
  const { ctimeNs } = await stats();
  do await change();
  while ((await stats()).ctimeNs === ctimeNs);
}

const stats = () => stat(path, { bigint: true });

describe("a replaced file", () => {
  it.each([0o600, 0o640, 0o400, 0o4750])("has the new text and still the mode %o", async (mode) => {
    await chmod(path, mode);
    expect(await replaceText(path, "new\n€", await stats())).toBe(true);
    expect(await readFile(path, "utf8")).toBe("new\n€");
    expect((await stat(path)).mode & 0o7777).toBe(mode);
    expect(await readdir(folder)).toEqual(["billing.env"]);
  });

  it("still belongs to whom it did", async () => {
    // Only root can make a file that belongs to others.
    if (process.geteuid?.() === 0) await chown(path, 12_345, 23_456);
    const { uid, gid } = await stat(path);
    await replaceText(path, "new", await stats());
    expect(await stat(path)).toMatchObject({ uid, gid });
  });

  it("may become empty, or as long as anybody likes", async () => {
    for (const text of ["", "x".repeat(3_000_000), ""]) {
      await replaceText(path, text, await stats());
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });
});

describe("a file that has changed since it was looked at", () => {
  it.each([
    ["was added to", () => appendFile(path, "more")],
    ["was written with the same length", () => writeFile(path, "odd")],
    ["was given another mode", () => chmod(path, 0o640)],
    [
      "was replaced",
      async () => {
        await writeFile(`${path}.new`, "old");
        await rename(`${path}.new`, path);
      },
    ],
  ])("is left alone if it %s", async (_, change) => {
    const original = await stats();
    await noticeably(change);
    const [text, { ino }] = [await readFile(path, "utf8"), await stats()];
    expect(await replaceText(path, "new", original)).toBe(false);
    expect(await readFile(path, "utf8")).toBe(text);
    expect((await stats()).ino).toBe(ino);
    expect(await readdir(folder)).toEqual(["billing.env"]);
  });

  it("is not made anew if it was removed", async () => {
    const original = await stats();
    await rm(path);
    await expect(replaceText(path, "new", original)).rejects.toThrow("ENOENT");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the folder of a replaced file", () => {
  it("loses what killed writers of this file have left, and nothing else", async () => {
    const others = [
      ".billing.env.0123456789abcde.tmp",
      ".billing.env.0123456789abcdef0.tmp",
      ".billing.env.0123456789abcdeg.tmp",
      ".billing.env.0123456789abcdef.tmp.bak",
      ".billing.env.local.0123456789abcdef.tmp",
      ".billing.env.lock",
      ".billing.env.swp",
      ".billing.env.tmp",
      ".other.env.0123456789abcdef.tmp",
      "billing.env.0123456789abcdef.tmp",
    ];
    const left = [".billing.env.0123456789abcdef.tmp", ".billing.env.fedcba9876543210.tmp"];
    for (const name of [...others, ...left]) await writeFile(join(folder, name), "");
    await replaceText(path, "new", await stats());
    expect((await readdir(folder)).toSorted()).toEqual([...others, "billing.env"].toSorted());
  });
});
