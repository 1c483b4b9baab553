/** Whether an env file could be replaced, found out without changing anything. */
import type { BigIntStats } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { isMountPoint } from "../../files/mount-point.ts";
import { refusal } from "../faults.ts";
import { errorCode, fullDisk, mountedFile, shellWord, whoWeAre } from "./faults.ts";
import type { Place } from "./file.ts";

/** Room for our lines to grow, and for the folder's own needs. */
const SPARE_BYTES = 64 * 1024;

/** Whose process this is. */
export type Identity = { readonly user: number; readonly groups: readonly number[] };

/** Throws StoreError, or what the file system answers. */
export async function checkReplaceable(place: Place, stats: BigIntStats, shown: string): Promise<void> {
  await checkFolder(place.folder, shown);
  await checkLock(place.lock, shown);
  checkOwner(stats, identity(), shown);
  if (await isMountPoint(place.file)) throw mountedFile(shown);
  await checkRoom(place.folder, Number(stats.size), shown);
}

/** The new text is written beside the old one, so the folder must be writable, not only the file. */
async function checkFolder(folder: string, shown: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (errorCode(error) !== "EACCES") throw error;
    throw refusal(
      shown,
      "cannot be replaced, because its folder is not open to this process",
      `let ${whoWeAre()} own ${folder}, and chmod u+rwx ${shellWord(folder)}`,
      error,
    );
  }
}

/** A lock file that does not exist will be made. */
async function checkLock(lock: string, shown: string): Promise<void> {
  try {
    await access(lock, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    if (errorCode(error) !== "EACCES") throw error;
    throw refusal(
      shown,
      `cannot be locked, because ${lock} is not open to this process`,
      `let ${whoWeAre()} own it, and chmod 600 ${shellWord(lock)}`,
      error,
    );
  }
}

function identity(): Identity | null {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  return user === undefined || group === undefined
    ? null
    : { user, groups: [group, ...(process.getgroups?.() ?? [])] };
}

/** The new file must belong to whom the old one did; only root may give files to others. */
export function checkOwner(
  owner: { readonly uid: bigint; readonly gid: bigint },
  self: Identity | null,
  shown: string,
): void {
  if (self === null || self.user === 0) return;
  if (Number(owner.uid) !== self.user)
    throw refusal(
      shown,
      `belongs to another user (uid ${owner.uid})`,
      `chown it to ${whoWeAre()}, and let the application read it through its group`,
    );
  if (!self.groups.includes(Number(owner.gid)))
    throw refusal(
      shown,
      `belongs to a group (gid ${owner.gid}) that this process is not in`,
      `put ${whoWeAre()} into that group, or chgrp the file to one of its groups`,
    );
}

async function checkRoom(folder: string, size: number, shown: string): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(folder);
  // A file system that does not count its blocks says that it has none.
  if (blocks > 0 && bavail * bsize < size + SPARE_BYTES) throw fullDisk(shown);
}
