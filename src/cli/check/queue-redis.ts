/** The queue's Redis, without what BullMQ notes there when it opens a queue. */
import type { QueueConfig } from "../../config/config.ts";
import { codeOf } from "../../core/public-error.ts";
import { askMasters, readSettings } from "../../queue/redis-settings.ts";
import { openClient } from "../../redis/client.ts";
import { withDeadline } from "../../queue/deadline.ts";
import { redisFault } from "../../queue/server-faults.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const ABOUT = "queue";
const CONNECT_MS = 5_000;
/** BullMQ refuses anything older. */
const LEAST_VERSION = "5.0.0";
const ADVISED_VERSION = "6.2.0";

type RedisConfig = Extract<QueueConfig, { kind: "redis" }>;

export async function lookAtRedis({ url, allowEviction }: RedisConfig): Promise<Finding[]> {
  const redis = openClient(url, {
    redis: {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      commandTimeout: CONNECT_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    },
    cluster: { lazyConnect: true, clusterRetryStrategy: () => null },
  });
  // It says why; the command that it broke only says that it was broken.
  let reported: unknown = null;
  for (const event of ["error", "node error"]) redis.on(event, (error: unknown) => (reported ??= error));
  try {
    // While no Sentinel answers, the attempt goes on for ever.
    await withDeadline(redis.connect(), CONNECT_MS);
    const masters = await askMasters(redis, async (master) => ({
      ...(await readSettings(master)),
      version: /^redis_version:(\S+)/m.exec(await master.info("server"))?.[1] ?? null,
      isReplica: /^role:slave/m.test(await master.info("replication")),
    }));
    const first = (look: (master: (typeof masters)[number]) => Finding | null) =>
      masters.map(look).find((finding) => finding !== null) ?? null;
    const faults = [
      first(({ isReplica }) => (isReplica ? unusable("READONLY") : null)),
      first(({ maxmemoryPolicy }) => eviction(maxmemoryPolicy, allowEviction)),
      first(({ persistent }) => (persistent === false ? FORGETS : null)),
      first(({ version }) => age(version)),
    ].filter((finding) => finding !== null);
    return faults.some(({ level }) => level === "failed")
      ? faults
      : [ok(ABOUT, `Redis ${masters[0]?.version ?? ""} answers`), ...faults];
  } catch (error) {
    return [unusable(codeOf(error) ?? codeOf(reported))];
  } finally {
    redis.disconnect();
  }
}

const FORGETS = warning(
  ABOUT,
  "Redis keeps nothing on disk: a restart of it loses every job",
  "put `appendonly yes` into redis.conf",
);

function eviction(policy: string | null, allowed: boolean): Finding | null {
  if (policy === null || policy === "noeviction") return null;
  const says = `Redis may throw jobs away: its maxmemory-policy is ${policy}`;
  const fix =
    "run `CONFIG SET maxmemory-policy noeviction` and put `maxmemory-policy noeviction` into redis.conf";
  return allowed
    ? warning(ABOUT, `${says} (QUEUE_ALLOW_EVICTION accepts that)`, fix)
    : failed(ABOUT, says, fix);
}

function age(version: string | null): Finding | null {
  if (version === null || !isOlder(version, ADVISED_VERSION)) return null;
  const fix = `update it to ${ADVISED_VERSION} or newer`;
  return isOlder(version, LEAST_VERSION)
    ? failed(ABOUT, `Redis ${version} is too old: ${LEAST_VERSION} is the least`, fix)
    : warning(ABOUT, `Redis ${version} is older than ${ADVISED_VERSION}, which BullMQ advises`, fix);
}

export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

function unusable(code: string | null): Finding {
  const { says, fix } = redisFault(code);
  return failed(ABOUT, says, fix);
}
