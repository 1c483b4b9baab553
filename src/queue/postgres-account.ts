/**
 * PostgreSQL refuses to run as root. Where the service is root, the embedded one runs as the owner of its data,
 * and that is at first the system user `postgres`, which is made if it is missing.
 */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { QueueError } from "../core/errors.ts";

const run = promisify(execFile);

const USER = "postgres";

/** A user that is not root. */
export type Account = { readonly uid: number; readonly gid: number };

/** Whom the data in `folder` belong to or will belong to. Null: the service is not root, and they are its own. */
export async function postgresAccount(folder: string, log: Logger): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(folder).catch(() => null);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const present = await lookUp();
  if (present) return present;
  log.info({ user: USER }, "PostgreSQL does not run as root: making a system user for it");
  const failure = await run("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir=/nonexistent",
    "--shell=/usr/sbin/nologin",
    USER,
  ]).then(
    () => undefined,
    (error: unknown) => error,
  );
  // Another process may have made the user at the same time: only its absence counts.
  const made = await lookUp();
  if (made) return made;
  throw new QueueError(
    `PostgreSQL does not run as root, and the system user "${USER}" could not be made: ` +
      "run the service as another user than root, or set QUEUE_URL",
    { effect: "none", retry: "never", cause: failure },
  );
}

async function lookUp(): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", USER]), run("id", ["-g", USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/** Whether the account may use these files and folders; one that is not root is asked nothing and may. */
export async function canReach(account: Account | null, paths: readonly string[]): Promise<boolean> {
  if (!account) return true;
  const tests = paths.map((path) => run("test", ["-x", path], { ...account, cwd: "/" }));
  return (await Promise.allSettled(tests)).every(({ status }) => status === "fulfilled");
}

/**
 * Options of setpriv(1) for running as `account` where canReach says no: below root's home (0700), or in a
 * checkout made with umask 077. The account then passes by the modes of files, as the service that starts it does.
 * PostgreSQL asks access(2), which minds capabilities of another user than root only with no_setuid_fixup.
 */
export function privilegesToReach({ uid, gid }: Account): readonly string[] {
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
  ];
}
