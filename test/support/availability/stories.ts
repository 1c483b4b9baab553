/** What infrastructure does, one story each: what it needs, and the strike. */
import { setTimeout as pause } from "node:timers/promises";
import { cutOffReplicaOf } from "./cut-off-replica.ts";
import { type Place, type Role } from "./place.ts";
import { startPostgresServer } from "../postgres-server.ts";
import { startRedisCluster } from "../redis-cluster.ts";
import { startRedisSentinel } from "../redis-sentinel.ts";
import { startRedisServer } from "../redis-server.ts";
import { uniquePrefix } from "../unique.ts";
import { until } from "../until.ts";

export type Strike = (place: Place) => Promise<void>;

export type Story = {
  readonly name: string;
  /** The processes that are there at its start. */
  readonly roles: readonly Role[];
  /** True: people do it, in order, and no webhook may go without an answer. */
  readonly isPlanned?: boolean;
  /** Resolves with the queue's environment and the strike; what it opens is closed with `opened`. */
  open(opened: AsyncDisposableStack): Promise<{ env: Record<string, string>; strike: Strike }>;
};

/** With `everysec`, a Redis that is killed while its disk is busy forgets what it has answered for. */
const KEPT = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];
const HUNG_MS = 60_000;
const UNREPLICATED_MS = 1_000;

const sentinel = (name: string, how: "kill" | "suspend"): Story => ({
  name,
  roles: ["web", "worker"],
  async open(opened) {
    const redis = opened.use(await startRedisSentinel({ args: KEPT }));
    return { env: { QUEUE_URL: redis.url }, strike: async () => (await redis.master())[how]() };
  },
});

const cluster = (name: string, how: "kill" | "suspend"): Story => ({
  name,
  roles: ["web", "worker"],
  async open(opened) {
    const redis = opened.use(await startRedisCluster({ args: KEPT }));
    const prefix = uniquePrefix();
    return {
      env: { QUEUE_URL: redis.url, QUEUE_PREFIX: prefix },
      strike: async () => (await redis.ownerOf(`{${prefix}}`))[how](),
    };
  },
});

const forgetful: Story = {
  name: "a Cluster's master killed before its replica had its last jobs",
  roles: ["web", "worker"],
  async open(opened) {
    const redis = opened.use(await startRedisCluster({ args: KEPT }));
    const prefix = uniquePrefix();
    return {
      env: { QUEUE_URL: redis.url, QUEUE_PREFIX: prefix },
      async strike() {
        const master = await redis.ownerOf(`{${prefix}}`);
        await cutOffReplicaOf(master);
        await pause(UNREPLICATED_MS);
        await master.kill();
      },
    };
  },
};

const redisRestarted: Story = {
  name: "Redis killed and restarted from its append-only file",
  roles: ["all"],
  async open(opened) {
    const redis = opened.use(await startRedisServer({ args: KEPT }));
    const strike = async () => {
      await redis.kill();
      await redis.restart();
    };
    return { env: { QUEUE_URL: redis.url }, strike };
  },
};

const postgresRestarted: Story = {
  name: "PostgreSQL killed and restarted",
  roles: ["all"],
  async open(opened) {
    const postgres = opened.use(await startPostgresServer());
    const strike = async () => {
      await postgres.kill();
      await postgres.restart();
    };
    return { env: { QUEUE_URL: postgres.connectionString }, strike };
  },
};

const workerKilled: Story = {
  name: "a worker killed in the middle of a rotation",
  roles: ["web", "worker"],
  async open(opened) {
    const redis = opened.use(await startRedisServer({ args: KEPT }));
    return {
      env: { QUEUE_URL: redis.url },
      async strike({ site, instances, start }) {
        const worker = instances.find(({ role }) => role === "worker");
        const issues = { method: "POST", path: /\/rotations$/ };
        const held = site.paddle.faults.add({ when: issues, do: { kind: "delay", ms: HUNG_MS } });
        // The rotations that come after the strike begin now.
        void until("a rotation is in the middle", () => held.hits > 0, HUNG_MS).then(async () => {
          worker?.kill("SIGKILL");
          await start("worker");
        });
      },
    };
  },
};

const rolling: Story = {
  name: "a rolling restart of two instances",
  roles: ["all", "all"],
  isPlanned: true,
  async open(opened) {
    const redis = opened.use(await startRedisServer({ args: KEPT }));
    return {
      env: { QUEUE_URL: redis.url },
      async strike({ instances, start, retire }) {
        for (const old of instances.slice()) {
          await start("all");
          const code = await retire(old);
          if (code !== 0) throw new Error(`an instance that was stopped ended with ${code}`);
        }
      },
    };
  },
};

/** What befalls a Redis. */
export const REDIS_STORIES: readonly Story[] = [
  sentinel("the master behind Sentinels killed", "kill"),
  cluster("a Cluster's master killed", "kill"),
  redisRestarted,
];

/** What befalls PostgreSQL and our own processes. */
export const OTHER_STORIES: readonly Story[] = [postgresRestarted, workerKilled, rolling];

/** The dying master takes what it acknowledged with it; a sweep finds it again. */
export const FORGETFUL_STORIES: readonly Story[] = [forgetful];

/** A master that hangs is left only once it has been silent for longer than a blocking command takes. */
export const SLOW_STORIES: readonly Story[] = [
  sentinel("the master behind Sentinels hung", "suspend"),
  cluster("a Cluster's master hung", "suspend"),
];
