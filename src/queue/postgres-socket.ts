/** Where the embedded PostgreSQL listens: on a socket beside its data, in a folder of mode 0700. */
import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../core/secret.ts";
import type { Account } from "./postgres-account.ts";
import { SUPERUSER } from "./postgres-programs.ts";

// It names the socket; nothing listens on it.
const PORT = 5432;
export const SOCKET = `.s.PGSQL.${PORT}`;

// sockaddr_un: 104 bytes on macOS, 108 on Linux, the closing NUL included.
const LONGEST_PATH = 103;

/** Whether a socket in this folder can be named. */
export function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, SOCKET)) <= LONGEST_PATH;
}

/** For data whose path is too long. PostgreSQL touches the socket every hour, for the sake of cleaners of /tmp. */
export async function makeSocketFolder(account: Account | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rotator-postgres-"));
  if (account) await chown(folder, account.uid, account.gid);
  return folder;
}

/** The server's options for a socket in this folder, and for no other way in. */
export function socketOptions(folder: string): readonly string[] {
  return [
    "--listen-addresses=",
    `--port=${PORT}`,
    // A list: quoted, so that a comma in the name does not end it.
    `--unix-socket-directories="${folder.replaceAll('"', '""')}"`,
    "--unix-socket-permissions=0700",
  ];
}

/** The same place as clients want it. */
export function socketUrl(folder: string): Secret {
  const socket = new URLSearchParams({ host: folder, port: `${PORT}` });
  return new Secret(`postgres://${SUPERUSER}@localhost/postgres?${socket.toString()}`);
}
