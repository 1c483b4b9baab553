/** Paths that something is mounted on are told from all others. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isMountPoint } from "../../../src/files/mount-point.ts";

let folder: string;
let file: string;
let list: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mount point-"));
  file = join(folder, "billing.env");
  list = join(folder, "mountinfo");
  await writeFile(file, "");
});
afterEach(() => rm(folder, { recursive: true }));

/** A line as the kernel writes it, with its own spelling of spaces. */
const line = (root: string, point: string) =>
  `36 35 98:0 ${root} ${point.replaceAll(" ", String.raw`\040`)} rw,noatime shared:1 - ext4 /dev/root rw`;

describe("a file", () => {
  it("is a mount point if the kernel lists it, although it is on the same device as its folder", async () => {
    await writeFile(list, [line("/", "/"), line("/srv/billing.env", file), line("/", "/proc")].join("\n"));
    expect(await isMountPoint(file, list)).toBe(true);
  });

  it("is none if only its folder, a longer path or the other end of a mount is listed", async () => {
    await writeFile(list, [line("/", folder), line("/", `${file}.d`), line(file, "/mnt")].join("\n"));
    expect(await isMountPoint(file, list)).toBe(false);
  });

  it("is none if it is on the device of its folder and there is no list", async () => {
    expect(await isMountPoint(file, join(folder, "none"))).toBe(false);
  });
});

describe("a path on another device than its folder", () => {
  it("is a mount point, list or no list", async () => {
    expect(await isMountPoint("/dev", join(folder, "none"))).toBe(true);
  });
});
