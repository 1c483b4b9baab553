/** Finds and reads an env file, and refuses one that is not safe to keep secrets in. */
import type { BigIntStats } from "node:fs";
import { constants, open, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { refusal } from "../faults.ts";
import { errorCode, shellWord } from "./faults.ts";

const MAX_BYTES = 1024 * 1024;

/** Where the file really is. */
export type Place = { readonly folder: string; readonly file: string; readonly lock: string };

export type EnvFile = { readonly text: string; readonly stats: BigIntStats };

/**
 * Follows links within the file's folder; one that leads out of it is refused. `shown` is the path in the operator's
 * own words, for messages. Throws StoreError and what the file system answers.
 */
export async function locate(path: string, shown: string): Promise<Place> {
  const folder = await realFolder(dirname(path), shown);
  const file = await realpath(path);
  if (dirname(file) !== folder)
    throw refusal(
      shown,
      "is a link that leads out of its folder",
      `configure the path of the file itself, ${file}`,
    );
  // Named after the file and not after a link to it, so that all its writers meet.
  return { folder, file, lock: join(folder, `.${basename(file)}.lock`) };
}

async function realFolder(folder: string, shown: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw refusal(
      shown,
      `is in a folder that does not exist (${folder})`,
      "make the folder or correct the path",
      error,
    );
  }
}

/** Reads the file at a place. Throws StoreError and what the file system answers. */
export async function readEnvFile(place: Place, shown: string): Promise<EnvFile> {
  // Without O_NONBLOCK, opening a named pipe would wait for its writer.
  await using handle = await open(place.file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile())
    throw refusal(shown, "is no regular file", "configure the path of an env file that is one");
  checkMode(Number(stats.mode), shown);
  checkSize(Number(stats.size), shown);
  return { text: decode(await handle.readFile(), shown), stats };
}

/** Throws unless text of so many bytes could be read again. */
export function checkSize(bytes: number, shown: string): void {
  if (bytes > MAX_BYTES)
    throw refusal(
      shown,
      `is larger than ${MAX_BYTES} bytes`,
      "keep the key in an env file that holds little else",
    );
}

function checkMode(mode: number, shown: string): void {
  const remedy = `chmod 600 ${shellWord(shown)} (or 640, if the application runs as another user of the file's group)`;
  if (mode & 0o004) throw refusal(shown, "can be read by every user of this machine", remedy);
  if (mode & 0o022) throw refusal(shown, "can be changed by other users than its owner", remedy);
}

function decode(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Without the cause: it is of no use, and nobody should have to wonder what is in it.
    throw refusal(shown, "is not UTF-8 text", "save it as UTF-8");
  }
}
