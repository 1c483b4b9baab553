/** What can be wrong with an env file and its folder, as errors that name the file and the remedy. */
import { StoreError } from "../../core/errors.ts";
import { NotDurableError } from "../../files/atomic-write.ts";
import { FileLockError } from "../../files/lock.ts";
import { refusal, setback } from "../faults.ts";
import { UnclearText } from "./layout.ts";

/** rename(2) answers EBUSY where something is mounted on the target. */
export function mountedFile(shown: string, cause?: unknown): StoreError {
  return refusal(
    shown,
    "is itself a mount point, so it cannot be replaced in one step",
    "mount the folder, not the file",
    cause,
  );
}

export function fullDisk(shown: string, cause?: unknown): StoreError {
  return setback(
    shown,
    "cannot be written, because the disk is full",
    "make room; nothing has changed",
    cause,
  );
}

/** The user whose rights count, for remedies. */
export function whoWeAre(): string {
  return `the user of this process (uid ${process.geteuid?.() ?? "unknown"})`;
}

/** A path as a word of a shell command. */
export function shellWord(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** The system's code for what was thrown, such as `ENOENT`. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** The StoreError for whatever was thrown while the file was looked at or replaced. */
export function toStoreError(shown: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof UnclearText)
    return new StoreError(`${shown}: ${error.message}`, { effect: "none", retry: "never" });
  if (error instanceof FileLockError)
    return new StoreError(`${shown} cannot be locked: ${error.message}`, {
      effect: error.effect,
      retry: error.retry,
      cause: error,
    });
  if (error instanceof NotDurableError)
    return new StoreError(`${shown} was replaced, but the disk did not confirm it: look at the disk`, {
      effect: "unknown",
      retry: "later",
      cause: error,
    });
  return fromSystem(shown, error);
}

function fromSystem(shown: string, error: unknown): StoreError {
  // The system's message names the absolute path, which tells a wrong working folder.
  const said = error instanceof Error ? error.message : "no reason given";
  switch (errorCode(error) ?? "") {
    case "ENOENT":
      return refusal(
        shown,
        `does not exist (${said})`,
        `make it, readable for nobody else: install -m 600 /dev/null ${shellWord(shown)}`,
        error,
      );
    case "ELOOP":
    case "ENOTDIR":
    case "ENXIO":
      return refusal(
        shown,
        `is no regular file (${said})`,
        "configure the path of an env file that is one",
        error,
      );
    case "EACCES":
    case "EPERM":
      return refusal(
        shown,
        `is closed to this process (${said})`,
        `give it and its folder to ${whoWeAre()}`,
        error,
      );
    case "EROFS":
      return refusal(shown, "is on a read-only file system", "mount its folder writable", error);
    case "EBUSY":
      return mountedFile(shown, error);
    case "ENOSPC":
    case "EDQUOT":
      return fullDisk(shown, error);
    default:
      return setback(shown, `cannot be used (${said})`, "look at the disk; nothing has changed", error);
  }
}
