/** How a Redis is set up, as far as jobs could be lost by it. */
import type { Redis } from "ioredis";
import { mastersOf, type RedisClient } from "../redis/client.ts";

export type RedisSettings = {
  /** null: the server does not say. */
  readonly maxmemoryPolicy: string | null;
  /** null: the server does not say. */
  readonly persistent: boolean | null;
};

/**
 * Asks every master that holds data. In a Cluster, those that do not answer are left out, for the queue need not be
 * theirs; none that answers throws, as does a single server. `server`: null where there is but one.
 */
export async function askMasters<Answer extends object>(
  client: RedisClient,
  ask: (master: Redis) => Promise<Answer>,
): Promise<readonly (Answer & { readonly server: string | null })[]> {
  const masters = mastersOf(client);
  const asked = await Promise.allSettled(masters.map(ask));
  const answers = asked.flatMap((one, index) => {
    if (one.status === "rejected") return [];
    const { host, port } = masters[index]?.options ?? {};
    return [{ ...one.value, server: masters.length > 1 ? `${host}:${port}` : null }];
  });
  if (answers.length > 0) return answers;
  throw asked.find((one) => one.status === "rejected")?.reason ?? new Error("no master is known");
}

/** Asks `CONFIG GET`, or where a managed Redis forbids that, `INFO`. Throws if the server does not answer. */
export async function readSettings(redis: Redis): Promise<RedisSettings> {
  const config = await readConfig(redis);
  if (config) {
    const [appendonly, save] = [config.get("appendonly"), config.get("save")];
    const known = appendonly !== undefined && save !== undefined;
    return {
      maxmemoryPolicy: config.get("maxmemory-policy") ?? null,
      persistent: known ? appendonly === "yes" || save !== "" : null,
    };
  }
  const info = await redis.info();
  const aof = /^aof_enabled:(\d)/m.exec(info)?.[1];
  return {
    maxmemoryPolicy: /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? null,
    // INFO does not tell whether snapshots are taken.
    persistent: aof === "1" ? true : null,
  };
}

async function readConfig(redis: Redis): Promise<Map<string, string> | null> {
  let pairs: unknown;
  try {
    pairs = await redis.config("GET", "maxmemory-policy", "appendonly", "save");
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return null;
    throw error;
  }
  if (!Array.isArray(pairs)) return null;
  const texts = pairs.map(String);
  return new Map(
    texts.flatMap((name, index) => (index % 2 === 0 ? [[name, texts[index + 1] ?? ""] as const] : [])),
  );
}
