/** A real Redis Cluster of a test's own: three masters with a replica each, on the loopback. */
import { Redis } from "ioredis";
import { freePort } from "./owned-process.ts";
import { type RedisServer, startRedisServer } from "./redis-server.ts";
import { until } from "./until.ts";

/** By itself a master waits 5 s for more replicas to feed at once. */
const AT_ONCE = ["--repl-diskless-sync-delay", "0"];
const SLOTS = 16_384;
const MASTERS = 3;

export type RedisCluster = AsyncDisposable & {
  /** `redis+cluster://…`, for QUEUE_URL: two of the nodes. */
  readonly url: string;
  /** The master that has this key now. */
  ownerOf(key: string): Promise<RedisServer>;
};

export type RedisClusterOptions = {
  /** How long a node may be silent before the others call it down. */
  readonly nodeTimeoutMs?: number;
  /** Further arguments of every node. */
  readonly args?: readonly string[];
};

type Node = {
  readonly server: RedisServer;
  readonly busPort: number;
  readonly client: Redis;
  readonly id: string;
};

/** Resolves once every replica has its master's data and every node says that all is well. */
export async function startRedisCluster({
  nodeTimeoutMs = 2_000,
  args = [],
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  await using opened = new AsyncDisposableStack();
  const start = async (): Promise<Node> => {
    const busPort = await freePort();
    const ofCluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", `${nodeTimeoutMs}`];
    const server = opened.use(
      await startRedisServer({ args: [...ofCluster, "--cluster-port", `${busPort}`, ...AT_ONCE, ...args] }),
    );
    const client = new Redis(server.port, "127.0.0.1");
    client.on("error", () => {});
    opened.defer(() => client.disconnect());
    return { server, busPort, client, id: String(await client.call("CLUSTER", "MYID")) };
  };
  const nodes = await Promise.all(Array.from({ length: 2 * MASTERS }, start));
  await join(nodes);

  const owned = opened.move();
  const hosts = nodes.slice(0, 2).map(({ server }) => `127.0.0.1:${server.port}`);
  return {
    url: `redis+cluster://${hosts.join(",")}`,
    async ownerOf(key) {
      for (const { server, client } of nodes) {
        if (client.status !== "ready") continue;
        const slot = Number(await client.call("CLUSTER", "KEYSLOT", key));
        const ranges = await slotsAt(client);
        const port = ranges.find(({ from, to }) => from <= slot && slot <= to)?.port;
        const owner = nodes.find((node) => node.server.port === port)?.server;
        if (owner) return owner;
        throw new Error(`${server.url} does not know who has slot ${slot}`);
      }
      throw new Error("no node of the Cluster answers");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function join(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes;
  const masters = nodes.slice(0, MASTERS);
  if (!first) throw new Error("there are no nodes");
  for (const { server, busPort } of others)
    await first.client.call("CLUSTER", "MEET", "127.0.0.1", `${server.port}`, `${busPort}`);
  for (const [index, { client }] of masters.entries()) {
    const share = [index, index + 1].map((part) => Math.floor((SLOTS * part) / MASTERS));
    await client.call("CLUSTER", "ADDSLOTSRANGE", String(share[0]), String((share[1] ?? SLOTS) - 1));
  }
  const eachKnows = (what: string, isSo: (lines: string[]) => boolean) =>
    Promise.all(
      nodes.map(({ client }) =>
        until(what, async () =>
          isSo(
            String(await client.call("CLUSTER", "NODES"))
              .trim()
              .split("\n"),
          ),
        ),
      ),
    );
  await eachKnows("every node knows every other", (lines) => lines.length === nodes.length);
  for (const [index, { client }] of nodes.slice(MASTERS).entries())
    await client.call("CLUSTER", "REPLICATE", masters[index]?.id ?? "");
  // A node that does not know all of this yet would not vote for a replica, or not know where to send a client.
  await eachKnows("every node knows every replica", (lines) => {
    const isWell = lines.every((line) => line.includes(" connected") && !/fail|handshake|noaddr/.test(line));
    return isWell && lines.filter((line) => /\bslave\b/.test(line)).length === nodes.length - MASTERS;
  });
  await Promise.all(
    nodes.map(({ client }) =>
      until("the Cluster is well, and every replica has its data", async () => {
        const cluster = String(await client.call("CLUSTER", "INFO"));
        const replication = await client.info("replication");
        const hasData = replication.includes("role:master") || replication.includes("master_link_status:up");
        return cluster.includes("cluster_state:ok") && hasData;
      }),
    ),
  );
}

async function slotsAt(client: Redis): Promise<{ from: number; to: number; port: number }[]> {
  const ranges: unknown = await client.call("CLUSTER", "SLOTS");
  if (!Array.isArray(ranges)) return [];
  return ranges.map((range: unknown[]) => {
    const [from, to, master] = range;
    return { from: Number(from), to: Number(to), port: Array.isArray(master) ? Number(master[1]) : 0 };
  });
}
