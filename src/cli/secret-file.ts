/** A file that a command keeps a secret in: only its owner may read it, and whoever opens it finds the whole text. */
import type { BigIntStats } from "node:fs";
import { chmod, lstat, open, readFile, rm } from "node:fs/promises";
import { replaceText } from "../files/atomic-write.ts";

/** It cannot be used. The message says why. */
export class SecretFileError extends Error {
  override readonly name = "SecretFileError";
}

const OWNER_ONLY = 0o600;

/** Its text; null: there is no such file. Throws Error that says what is the matter with it. */
export async function readSecretFile(path: string): Promise<string | null> {
  try {
    await lookAt(path);
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw unusable(path, error);
  }
}

/** Returns once the text would survive a power failure. Throws Error; then the old text is still there, or none. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const isNew = await createEmpty(path);
  try {
    await lookAt(path);
    // Before the look that the replacement compares with. The new text gets the mode of the old one.
    await chmod(path, OWNER_ONLY);
    if (await replaceText(path, text, await lookAt(path))) return;
  } catch (error) {
    if (isNew) await removeIfEmpty(path);
    throw unusable(path, error);
  }
  throw new SecretFileError(`${path} was changed by another program just now: nothing was written`);
}

/** True: it was not there. */
async function createEmpty(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx", OWNER_ONLY)).close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw unusable(path, error);
  }
}

/** A link is refused: what it points at may be shared, and replacing it would leave the target as it was. */
async function lookAt(path: string): Promise<BigIntStats> {
  const stat = await lstat(path, { bigint: true });
  if (!stat.isFile())
    throw new SecretFileError(`${path} is a link, a folder or a device: name a regular file`);
  return stat;
}

/** What was there before is put back: nothing. */
async function removeIfEmpty(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat?.isFile() && stat.size === 0) await rm(path, { force: true }).catch(() => {});
}

function unusable(path: string, error: unknown): Error {
  const code = codeOf(error);
  if (code === null) return error instanceof Error ? error : new SecretFileError(`${path} cannot be used`);
  const why: Readonly<Record<string, string>> = {
    ENOENT: "its folder does not exist",
    EACCES: "this user may not",
    EPERM: "this user may not",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
  };
  return new SecretFileError(`${path} cannot be read or written: ${why[code] ?? code}`, { cause: error });
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
