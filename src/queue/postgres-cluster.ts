/** The files of the embedded PostgreSQL: made whole or not at all, and opened only by the version that made them. */
import { chown, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QueueError } from "../core/errors.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";

/** However often it runs: `folder` holds a cluster that these programs can open. */
export async function ensureCluster(folder: string, programs: PostgresPrograms): Promise<void> {
  const version = await versionOf(folder);
  if (version === null) return make(folder, programs);
  if (version === programs.major) return;
  throw new QueueError(
    `${folder} was made by PostgreSQL ${version} and this release brings PostgreSQL ${programs.major}: ` +
      "start the former release until its jobs are done and move the folder away, or set QUEUE_URL",
    { effect: "none", retry: "never" },
  );
}

async function versionOf(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, "PG_VERSION"), "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** A process that dies half-way leaves nothing that looks like a cluster. */
async function make(folder: string, programs: PostgresPrograms): Promise<void> {
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (programs.account) await chown(draft, programs.account.uid, programs.account.gid);
  await programs.initialise(draft, { tcp: "reject" });
  await rename(draft, folder);
  const parent = await open(dirname(folder));
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}
