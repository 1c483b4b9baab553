/** Whether Redis takes our jobs and keeps them. */
import type { Logger } from "pino";
import { codeOf } from "../core/public-error.ts";
import type { RedisClient } from "../redis/client.ts";
import type { Health } from "./backend.ts";
import { askMasters, readSettings } from "./redis-settings.ts";
import { redisFault } from "./server-faults.ts";

/** Longer than between two looks of an orchestrator. */
const MARK_MS = 60_000;

export type RedisLook = {
  /** One beside the queues, so that in a Cluster their master is the one that must take it. */
  readonly key: string;
  readonly allowEviction: boolean;
  /** What the connection has said since it was ready last; a command that it broke only says that it was broken. */
  readonly trouble: () => unknown;
};

export async function redisHealth(client: RedisClient, about: RedisLook): Promise<Health> {
  try {
    // A write: a replica, a full memory and a full disk answer reads as ever.
    await client.set(about.key, "1", "PX", MARK_MS);
    const masters = about.allowEviction ? [] : await askMasters(client, readSettings);
    for (const { server, maxmemoryPolicy } of masters)
      if (maxmemoryPolicy !== null && maxmemoryPolicy !== "noeviction")
        return { ok: false, detail: mayEvict(server, maxmemoryPolicy) };
    return { ok: true, detail: "ok" };
  } catch (error) {
    const { says, fix } = redisFault(codeOf(error) ?? codeOf(about.trouble()));
    return { ok: false, detail: `${says}: ${fix}` };
  }
}

function mayEvict(server: string | null, policy: string): string {
  return (
    `Redis ${server === null ? "" : `at ${server} `}may evict jobs: its maxmemory-policy is ${policy}. Run \`CONFIG SET maxmemory-policy noeviction\` ` +
    "and put `maxmemory-policy noeviction` into redis.conf; QUEUE_ALLOW_EVICTION=true accepts the loss instead"
  );
}

/** Says once, at start, where a restart of Redis would lose jobs. */
export async function warnOfLoss(client: RedisClient, log: Logger): Promise<void> {
  const masters = await askMasters(client, readSettings).catch(() => []);
  if (masters.some(({ persistent }) => persistent === false)) {
    log.warn(
      "Redis keeps nothing on disk: a restart of it loses every job. Put `appendonly yes` into redis.conf",
    );
  }
}
