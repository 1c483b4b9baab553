/** The queue and the records beside it, on one server. What the other servers need is not even loaded. */
import type { Logger } from "pino";
import type { QueueConfig } from "../config/config.ts";
import type { Clock, Forgetting, Leases, Records } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import type { QueueBackend } from "../queue/backend.ts";
import { createErrorLog } from "../queue/error-log.ts";

type Base = { readonly log: Logger; readonly clock: Clock };

/** Whoever opens them closes them with `opened`, newest first. */
export async function openQueue(
  opened: AsyncDisposableStack,
  config: QueueConfig,
  { log, clock }: Base,
): Promise<{ backend: QueueBackend; records: Records & Forgetting & Leases }> {
  const errors = createErrorLog({ log, clock });
  if (config.kind === "redis") {
    const { url, prefix } = config;
    const { openRedisBackend } = await import("../queue/redis.ts");
    const { openRedisRecords } = await import("../records/redis.ts");
    return {
      backend: opened.use(openRedisBackend(config, { log, errors })),
      records: opened.use(await openRedisRecords({ url, prefix, log })),
    };
  }
  const { openPostgresBackend } = await import("../queue/postgres.ts");
  const { openPostgresRecords } = await import("../records/postgres.ts");
  const { schema } = config;
  const url = config.kind === "embedded" ? await startEmbedded(opened, config.dataDir, log) : config.url;
  return {
    backend: opened.use(
      await openPostgresBackend({ url, schema, isEmbedded: config.kind === "embedded" }, { errors }),
    ),
    records: opened.use(await openPostgresRecords({ url, schema, log })),
  };
}

async function startEmbedded(opened: AsyncDisposableStack, dataDir: string, log: Logger): Promise<Secret> {
  const { startEmbeddedPostgres } = await import("../queue/embedded-postgres.ts");
  return opened.use(await startEmbeddedPostgres({ dataDir, log })).url;
}
