/** A real Redis of a test's own with a replica, and three Sentinels that make the replica the master when it must be. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onFreePort, startOwned } from "./owned-process.ts";
import { redisExecutable } from "./redis-executable.ts";
import { type RedisServer, startRedisServer } from "./redis-server.ts";
import { until } from "./until.ts";

/** By itself a master waits 5 s for more replicas to feed at once. */
const AT_ONCE = ["--repl-diskless-sync-delay", "0"];
const MASTER = "mymaster";
const SENTINELS = 3;

export type RedisSentinel = AsyncDisposable & {
  /** `redis+sentinel://…`, for QUEUE_URL. */
  readonly url: string;
  /** The server that the Sentinels call the master now. */
  master(): Promise<RedisServer>;
};

export type RedisSentinelOptions = {
  /** How long a server may be silent before the Sentinels call it down. */
  readonly downAfterMs?: number;
  /** Further arguments of the servers. */
  readonly args?: readonly string[];
  /** What clients sign in to the servers with. */
  readonly password?: string;
  /** What clients sign in to the Sentinels with. */
  readonly sentinelPassword?: string;
};

/** Resolves once the Sentinels know each other and could fail over. */
export async function startRedisSentinel({
  downAfterMs = 2_000,
  args = [],
  password,
  sentinelPassword,
}: RedisSentinelOptions = {}): Promise<RedisSentinel> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-sentinel-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const signIn = password === undefined ? [] : ["--requirepass", password, "--masterauth", password];
  const first = opened.use(await startRedisServer({ args: [...AT_ONCE, ...args, ...signIn] }));
  const replicaOf = ["--replicaof", "127.0.0.1", `${first.port}`];
  const second = opened.use(await startRedisServer({ args: [...AT_ONCE, ...args, ...signIn, ...replicaOf] }));

  const configure = (port: number) =>
    [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      ...(sentinelPassword === undefined ? [] : [`requirepass ${quoted(sentinelPassword)}`]),
      `sentinel monitor ${MASTER} 127.0.0.1 ${first.port} 2`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER} ${quoted(password)}`]),
      `sentinel down-after-milliseconds ${MASTER} ${downAfterMs}`,
      `sentinel failover-timeout ${MASTER} 10000`,
      "",
    ].join("\n");
  const ports: number[] = [];
  for (let count = 0; count < SENTINELS; count += 1) {
    const { port, server } = await onFreePort(async (onPort) => {
      const file = join(folder, `sentinel-${onPort}.conf`);
      await writeFile(file, configure(onPort));
      return startOwned({ file: redisExecutable(), args: [file, "--sentinel"] }, async () => true);
    });
    opened.defer(() => server.end("SIGKILL"));
    ports.push(port);
  }

  const clients = ports.map((port) => {
    const client = new Redis(port, "127.0.0.1", {
      ...(sentinelPassword !== undefined && { password: sentinelPassword }),
    });
    client.on("error", () => {});
    opened.defer(() => client.disconnect());
    return client;
  });
  const [asked] = clients;
  if (!asked) throw new Error("there is no Sentinel");
  for (const client of clients)
    await until("the Sentinels know each other and the replica", () => isComplete(client));

  const owned = opened.move();
  const atServers = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  const atSentinels =
    sentinelPassword === undefined ? "" : `?sentinelPassword=${encodeURIComponent(sentinelPassword)}`;
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(",");
  return {
    url: `redis+sentinel://${atServers}${hosts}/${MASTER}${atSentinels}`,
    async master() {
      const address: unknown = await asked.call("SENTINEL", "get-master-addr-by-name", MASTER);
      const port = Array.isArray(address) ? Number(address[1]) : Number.NaN;
      const server = [first, second].find((one) => one.port === port);
      if (!server) throw new Error("the Sentinels name no server of ours");
      return server;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As the file of a Sentinel wants what has spaces in it. */
const quoted = (text: string) => `"${text}"`;

/** Whether this one would find its replica and its quorum if the master died now. */
async function isComplete(sentinel: Redis): Promise<boolean> {
  try {
    const [replicas, quorum, others] = await Promise.all([
      sentinel.call("SENTINEL", "REPLICAS", MASTER),
      sentinel.call("SENTINEL", "CKQUORUM", MASTER),
      sentinel.call("SENTINEL", "SENTINELS", MASTER),
    ]);
    const fields = Array.isArray(replicas) && Array.isArray(replicas[0]) ? replicas[0].map(String) : [];
    const isLinked = fields[fields.indexOf("master-link-status") + 1] === "ok";
    const all = Array.isArray(others) && others.length === SENTINELS - 1;
    return isLinked && all && String(quorum).startsWith("OK");
  } catch {
    return false;
  }
}
