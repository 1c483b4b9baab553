/**
 * The queue's server for a service that has no QUEUE_URL: a PostgreSQL of its own below DATA_DIR.
 *
 * It survives whatever happens to the service: after SIGKILL the next start ends the orphan and has its rows back.
 * It listens on no network, only on a socket in a folder that nobody but its own user and root can enter. There is
 * no password, because it would guard nothing: whoever can use that socket can rewrite the files beside it.
 */
import { mkdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { QueueError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { type FileLock, tryFileLock } from "../files/lock.ts";
import { ensureCluster } from "./postgres-cluster.ts";
import { endOrphan } from "./postgres-orphan.ts";
import { startPostgres } from "./postgres-process.ts";
import { findPostgresPrograms } from "./postgres-programs.ts";
import { fits, makeSocketFolder, socketOptions, socketUrl } from "./postgres-socket.ts";

// What is not here has PostgreSQL's default: above all, commits wait for the disk, but for workers' (postgres.ts).
const SETTINGS = [
  // A queue of a few thousand small jobs: little memory, and little to go through after a crash.
  "--shared-buffers=32MB",
  "--max-wal-size=128MB",
  "--log-checkpoints=off",
  "--log-line-prefix=",
];

export type EmbeddedPostgres = AsyncDisposable & {
  /** For any client of PostgreSQL; the folder of the socket is in `?host=`. */
  readonly url: Secret;
  /** Ends it with everything on disk. */
  stop(): Promise<void>;
};

/**
 * Starts it on `<dataDir>/postgres`, which is made if it is missing. A folder serves one service at a time: another
 * one is refused. Throws QueueError.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: Logger;
}): Promise<EmbeddedPostgres> {
  const { dataDir, log } = options;
  try {
    return await start(dataDir, log);
  } catch (error) {
    if (error instanceof QueueError) throw error;
    throw new QueueError(
      `the folder ${dataDir} (DATA_DIR) cannot be used: ${error instanceof Error ? error.message : String(error)}. ` +
        "Let the service's user write there, or set another DATA_DIR, or QUEUE_URL",
      { effect: "none", retry: "later", cause: error },
    );
  }
}

async function start(dataDir: string, log: Logger): Promise<EmbeddedPostgres> {
  await using opened = new AsyncDisposableStack();
  // 0711: where the service is root, PostgreSQL's own user has to pass. What is inside is 0700.
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const home = await realpath(dataDir);
  opened.use(holdAlone(home));

  const folder = join(home, "postgres");
  const programs = await findPostgresPrograms(folder, log);
  await endOrphan(folder, log);
  await ensureCluster(folder, programs);

  const socketFolder = fits(folder) ? folder : opened.adopt(await makeSocketFolder(programs.account), remove);
  const command = programs.server(["-D", folder, ...socketOptions(socketFolder), ...SETTINGS]);
  opened.adopt(await startPostgres(command, folder, log), (server) => server.stop());

  const everything = opened.move();
  const stop = () => everything.disposeAsync();
  return { url: socketUrl(socketFolder), stop, [Symbol.asyncDispose]: stop };
}

/** The kernel holds the lock for this process: it ends with it, and nothing that was left behind is in the way. */
function holdAlone(home: string): FileLock {
  const lock = tryFileLock(join(home, "lock"));
  if (lock) return lock;
  throw new QueueError(
    `another service already uses ${home} (DATA_DIR): stop it, or give each service its own DATA_DIR, ` +
      "or let them share a server by QUEUE_URL",
    { effect: "none", retry: "later" },
  );
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
