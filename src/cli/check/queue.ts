/** Whether the queue's server answers and keeps what it is given. Nothing is written, and nothing is left open. */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { QueueConfig } from "../../config/config.ts";
import { describeError } from "../../core/public-error.ts";
import { type Bounds, within } from "./bounds.ts";
import { failed, type Finding, ok } from "./finding.ts";

/** What findings here are about. */
const ABOUT = "queue";

export async function checkQueue(config: QueueConfig, bounds: Bounds): Promise<Finding[]> {
  const looked = await within(bounds, ABOUT, `asking ${PLACES[config.kind]}`, () => look(config));
  return looked.done ? looked.value : [looked.finding];
}

const PLACES = { redis: "Redis", postgres: "PostgreSQL", embedded: "the folder DATA_DIR" };

async function look(config: QueueConfig): Promise<Finding[]> {
  switch (config.kind) {
    case "redis":
      return (await import("./queue-redis.ts")).lookAtRedis(config);
    case "postgres":
      return (await import("./queue-postgres.ts")).lookAtPostgres(config);
    case "embedded":
      return lookAtFolder(config.dataDir);
    default:
      return config satisfies never;
  }
}

/** PostgreSQL is not started: the service may be running on it. */
async function lookAtFolder(dataDir: string): Promise<Finding[]> {
  const existing = await nearestExisting(dataDir);
  try {
    if (!(await stat(existing)).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      failed(
        ABOUT,
        `${existing} cannot be written by this user (${describeError(error)}), and the embedded queue keeps its data in ${dataDir}`,
        "let the service's user write there, or set DATA_DIR or QUEUE_URL",
      ),
    ];
  }
  return [ok(ABOUT, `embedded, in ${dataDir}`)];
}

async function nearestExisting(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || dirname(path) === path ? path : nearestExisting(dirname(path));
}
