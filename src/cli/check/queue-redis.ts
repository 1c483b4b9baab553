/** The queue's Redis, without what BullMQ notes there when it opens a queue. */
import type { QueueConfig } from "../../config/config.ts";
import { askMasters, readSettings } from "../../queue/redis-settings.ts";
import { openClient } from "../../redis/client.ts";
import { isCertificateFault } from "../../requests/exchange.ts";
import { withDeadline } from "../../queue/deadline.ts";
import { codeOf } from "./error-code.ts";
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
    }));
    const first = (look: (master: (typeof masters)[number]) => Finding | null) =>
      masters.map(look).find((finding) => finding !== null) ?? null;
    const faults = [
      first(({ maxmemoryPolicy }) => eviction(maxmemoryPolicy, allowEviction)),
      first(({ persistent }) => (persistent === false ? FORGETS : null)),
      first(({ version }) => age(version)),
    ].filter((finding) => finding !== null);
    return faults.some(({ level }) => level === "failed")
      ? faults
      : [ok(ABOUT, `Redis ${masters[0]?.version ?? ""} answers`), ...faults];
  } catch (error) {
    return [unreachable(codeOf(reported ?? error))];
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

const SIGN_IN_REFUSED: ReadonlySet<string | null> = new Set(["NOAUTH", "WRONGPASS", "NOPERM"]);

function unreachable(code: string | null): Finding {
  if (SIGN_IN_REFUSED.has(code))
    return failed(
      ABOUT,
      `Redis refuses our sign-in (${code})`,
      "put its user and password into QUEUE_URL, and allow that user every key below QUEUE_PREFIX",
    );
  if (code !== null && isCertificateFault(code))
    return failed(
      ABOUT,
      `Redis does not prove who it is (${code})`,
      "give it a certificate for the host in QUEUE_URL, or name its authority in NODE_EXTRA_CA_CERTS",
    );
  const why = code === null ? "" : ` (${code})`;
  return failed(ABOUT, `Redis does not answer${why}`, "check that it runs and that QUEUE_URL is right");
}
