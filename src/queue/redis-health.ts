/** Whether Redis takes our jobs and keeps them. */
import type { Logger } from "pino";
import type { RedisClient } from "../redis/client.ts";
import type { Health } from "./backend.ts";
import { askMasters, readSettings } from "./redis-settings.ts";

/** @param about `key`: one beside the queues, so that in a Cluster their master is the one that must answer */
export async function redisHealth(
  client: RedisClient,
  about: { readonly key: string; readonly allowEviction: boolean },
): Promise<Health> {
  try {
    await client.exists(about.key);
    const masters = about.allowEviction ? [] : await askMasters(client, readSettings);
    for (const { server, maxmemoryPolicy } of masters)
      if (maxmemoryPolicy !== null && maxmemoryPolicy !== "noeviction")
        return { ok: false, detail: mayEvict(server, maxmemoryPolicy) };
    return { ok: true, detail: "ok" };
  } catch {
    return { ok: false, detail: "Redis does not answer: check that it runs and that QUEUE_URL is right" };
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
