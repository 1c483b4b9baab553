/**
 * How many durable, verified, deduplicated webhooks a second one process takes, on Redis and on PostgreSQL, beside two
 * peers in the same run: the floor (Fastify + HMAC + `queue.add`) and the usual way (Express + Paddle's SDK + BullMQ).
 * All of them put the same job and answer once the queue has it; every event is unique. No server runs workers (ours:
 * ROLE=web). The servers take short turns, so that a machine whose speed drifts treats them alike, and each round's
 * figures are compared with each other: `npm run bench -- ingest [rounds] [milliseconds]`.
 */
import { readFile } from "node:fs/promises";
import { startRedisServer } from "../test/support/redis-server.ts";
import { type Loaded, sendWebhooks } from "./load.ts";
import { median, percentile, table } from "./report.ts";
import { type Server, startPostgres, startServers } from "./servers.ts";

const CONNECTIONS = 50;
/** Of Linux, in which the processor time of a process is counted. */
const TICKS_A_SECOND = 100;

type Round = Pick<Loaded, "perSecond"> & {
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time of the server's process. */
  readonly cpu: number;
};

const HEAD = ["server", "webhooks/s", "p50 ms", "p99 ms", "CPU µs", "rotator / it", "p99, rotator / it"];

export async function ingest(): Promise<void> {
  const [rounds = 8, ms = 1_500] = process.argv.slice(3).map(Number);
  console.log(
    `${rounds} rounds of ${ms} ms each, ${CONNECTIONS} connections; medians, of the ratios too.\n` +
      "CPU: processor time of the server's process for one webhook.",
  );
  {
    await using redis = await startRedisServer({
      args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"],
    });
    console.log(`\nRedis with appendonly yes\n${await measure(redis.url, rounds, ms)}`);
  }
  await using postgres = await startPostgres();
  console.log(`\nPostgreSQL with fsync\n${await measure(postgres.url, rounds, ms)}`);
}

async function measure(queueUrl: string, count: number, ms: number): Promise<string> {
  await using servers = await startServers(queueUrl);
  const rounds = new Map<string, Round[]>(servers.list.map(({ name }) => [name, []]));
  for (let round = 0; round <= count; round += 1) {
    // Each round begins with another one: what the former server left to do, e.g. for the disk, is not always one's own.
    const first = round % servers.list.length;
    for (const server of [...servers.list.slice(first), ...servers.list.slice(0, first)]) {
      const measured = await load(server, ms);
      if (round > 0) rounds.get(server.name)?.push(measured); // round 0 warms up
    }
  }
  return report(rounds);
}

async function load({ url, pid }: Server, ms: number): Promise<Round> {
  const before = await cpuOf(pid);
  const { perSecond, latencies } = await sendWebhooks(url, { connections: CONNECTIONS, ms });
  return {
    perSecond,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu: ((await cpuOf(pid)) - before) / latencies.length,
  };
}

/** Microseconds, in the user's code and in the kernel. */
async function cpuOf(pid: number): Promise<number> {
  const [, fields = ""] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return (((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS_A_SECOND) * 1_000_000;
}

function report(all: ReadonlyMap<string, readonly Round[]>): string {
  const ours = all.get("rotator") ?? [];
  return table(
    HEAD,
    [...all].map(([name, rounds]) => {
      const of = (figure: keyof Round) => median(rounds.map((round) => round[figure]));
      const ratio = (figure: keyof Round) =>
        median(rounds.map((round, index) => (ours[index]?.[figure] ?? Number.NaN) / round[figure]));
      return [
        name,
        of("perSecond").toFixed(0),
        of("p50").toFixed(1),
        of("p99").toFixed(1),
        of("cpu").toFixed(0),
        ratio("perSecond").toFixed(2),
        ratio("p99").toFixed(2),
      ];
    }),
  );
}
