/** The records and the leases on Redis behind Sentinels and on a Redis Cluster. */
import { pino } from "pino";
import { afterAll, beforeAll } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openRedisRecords } from "../../src/records/redis.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startRedisSentinel } from "../support/redis-sentinel.ts";
import { leasesContract } from "./leases.contract.ts";
import { recordsContract } from "./records.contract.ts";

const log = pino({ level: "silent" });

const opened = new AsyncDisposableStack();
const urls = { sentinel: "", cluster: "" };
beforeAll(async () => {
  const [sentinel, cluster] = await Promise.all([startRedisSentinel(), startRedisCluster()]);
  opened.use(sentinel);
  opened.use(cluster);
  Object.assign(urls, { sentinel: sentinel.url, cluster: cluster.url });
});
afterAll(() => opened.disposeAsync());

for (const [name, kind] of [
  ["Redis behind Sentinels", "sentinel"],
  ["a Redis Cluster", "cluster"],
] as const) {
  const open = (prefix: string) => openRedisRecords({ url: new Secret(urls[kind]), prefix, log });
  recordsContract(name, open);
  leasesContract(name, open);
}
