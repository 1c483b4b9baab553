/**
 * Replaces the text of a file so that whoever opens it, at any moment and after any crash, finds the whole old or the
 * whole new text. Mode and owner stay; access lists and hard links are those of a new file.
 */
import type { BigIntStats } from "node:fs";
import { constants, open, readdir, rename, rm, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** The file has its new text, but a power failure may still bring the old one back. */
export class NotDurableError extends Error {
  override readonly name = "NotDurableError";
}

/**
 * Replaces the text of `path`, a regular file and no link. Nothing is replaced, and the answer is false, if the file
 * is no longer as it was when `original` was taken from it. The caller holds a lock that all writers of this
 * file take: temporary files found beside it were left by killed ones and are removed.
 * Throws what the file system answered, with the old text untouched; NotDurableError, with the new text there.
 */
export async function replaceText(path: string, text: string, original: BigIntStats): Promise<boolean> {
  const folder = dirname(path);
  await removeLeftovers(folder, basename(path));
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    await create(temporary, text, original);
    if (!same(await stat(path, { bigint: true }), original)) {
      await rm(temporary);
      return false;
    }
    await rename(temporary, path);
  } catch (error) {
    // Its own failure would hide the first one, and the next write removes what is left.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
  return true;
}

function temporaryName(name: string): string {
  return `.${name}.${randomBytes(8).toString("hex")}.tmp`;
}

function isTemporaryNameOf(name: string, found: string): boolean {
  return found.startsWith(`.${name}.`) && /^[\da-f]{16}\.tmp$/.test(found.slice(name.length + 2));
}

async function removeLeftovers(folder: string, name: string): Promise<void> {
  const leftovers = (await readdir(folder)).filter((found) => isTemporaryNameOf(name, found));
  for (const leftover of leftovers) await rm(join(folder, leftover), { force: true });
}

async function create(path: string, text: string, { mode, uid, gid }: BigIntStats): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  // The owner first: a change of owner takes bits off the mode.
  await file.chown(Number(uid), Number(gid));
  await file.chmod(Number(mode) & 0o7777);
  await file.sync();
}

/** Any change of a file moves its ctime, which nobody can set, by at least a tick of the kernel's clock. */
function same(now: BigIntStats, original: BigIntStats): boolean {
  return (
    now.dev === original.dev &&
    now.ino === original.ino &&
    now.size === original.size &&
    now.ctimeNs === original.ctimeNs
  );
}

/** Makes the renaming itself durable. */
async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await folder.sync();
  } catch (error) {
    // fsync(2): EINVAL is the answer of a file system that does not do this for folders.
    if (error instanceof Error && "code" in error && error.code === "EINVAL") return;
    throw new NotDurableError(`${path} was changed, but not made durable`, { cause: error });
  }
}
