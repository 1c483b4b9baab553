/**
 * An exclusive lock on a path, between processes and within one. The kernel holds it for its holder: it ends when the
 * holder lets go or dies, however it dies, so there is no stale lock to clean up and no time after which it lapses.
 *
 * Node has no call for file locks; SQLite, which comes with Node, takes one whenever a transaction begins and knows
 * its own connections within one process. Nothing is ever stored: the file stays empty. It must not be deleted while
 * somebody may hold it, because the next one would lock another file of the same name. On a network file system the
 * lock is as good as its fcntl locks are.
 */
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { RotatorError } from "../core/errors.ts";

/** Held until it is disposed of, or the process dies. */
export type FileLock = Disposable;

/** The lock is held by another (retry: later), or its file cannot be used (retry: never). */
export class FileLockError extends RotatorError {
  override readonly name = "FileLockError";
}

const POLL_MS = 10;
const SQLITE_BUSY = 5;

// A lock that its holder no longer refers to must not be let go by the garbage collector.
const held = new Set<FileLock>();

/**
 * Takes the lock on `path`, waiting for at most `waitMs` milliseconds; a file that is not there is made, with mode
 * 0600. Throws FileLockError.
 */
export async function acquireFileLock(path: string, { waitMs = 5_000 } = {}): Promise<FileLock> {
  using connection = new DisposableStack();
  const database = connection.use(connect(path));
  const deadline = performance.now() + waitMs;
  while (!begin(database, path)) {
    if (performance.now() >= deadline) throw stillHeld(path, waitMs);
    await pause(POLL_MS);
  }
  return keep(connection.move());
}

/** Takes the lock on `path` if nobody holds it, else returns null. Throws FileLockError. */
export function tryFileLock(path: string): FileLock | null {
  using connection = new DisposableStack();
  return begin(connection.use(connect(path)), path) ? keep(connection.move()) : null;
}

function keep(connection: DisposableStack): FileLock {
  const lock: FileLock = {
    [Symbol.dispose]() {
      held.delete(lock);
      connection.dispose();
    },
  };
  held.add(lock);
  return lock;
}

function connect(path: string): DatabaseSync {
  try {
    create(path);
    // An absolute path, because SQLite gives a meaning to names such as `:memory:`.
    return new DatabaseSync(resolve(path), { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * SQLite would make the file readable for everybody. Opened and closed in one go: closing any descriptor of a file
 * drops all locks that this process has on it, and only a file made this moment is sure to have none.
 */
function create(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/**
 * Whether the lock was had. Immediate transactions exclude each other and are refused only while there is one; of
 * two simultaneous exclusive ones, both may be refused. The journal would be a second file.
 */
function begin(database: DatabaseSync, path: string): boolean {
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE");
    return true;
  } catch (error) {
    // The low byte of SQLite's code is the kind, the others say more about it.
    if (error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY)
      return false;
    throw unusable(path, error);
  }
}

function stillHeld(path: string, waitMs: number): FileLockError {
  return new FileLockError(
    `${path} was still locked by somebody else after ${waitMs} ms; "fuser -v ${path}" shows which process that is`,
    { effect: "none", retry: "later" },
  );
}

function unusable(path: string, cause: unknown): FileLockError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FileLockError(
    `${path} cannot be used as a lock (${why}); it must be an empty file that this process may read and write, on a file system with locks`,
    { effect: "none", retry: "never", cause },
  );
}
