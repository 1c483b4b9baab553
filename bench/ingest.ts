/**
 * How many durable, verified, deduplicated webhooks a second one process takes, beside two peers in the same run:
 * the floor (Fastify + HMAC + `queue.add`) and the usual way (Express + Paddle's SDK + BullMQ).
 * Every event is unique and signed as it is sent. No server runs workers (ours: ROLE=web). The servers take turns,
 * so that a machine whose speed drifts treats all of them alike, and the medians of the rounds are compared.
 */
import autocannon from "autocannon";
import { eventBody, keyData } from "../test/support/paddle-simulator/events.ts";
import { signWebhook } from "../test/support/paddle-simulator/sign.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { median, table } from "./report.ts";
import { SECRET, startServers } from "./servers.ts";

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 50;

type Round = { readonly perSecond: number; readonly p50: number; readonly p99: number };

export async function ingest(): Promise<void> {
  await using redis = await startRedisServer({
    args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"],
  });
  await using servers = await startServers(redis.url);
  const rounds = new Map<string, Round[]>(servers.list.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { name, url } of servers.list) {
      const measured = await load(url);
      if (round > 0) rounds.get(name)?.push(measured); // round 0 warms up
    }
  }
  report(rounds);
}

async function load(url: string): Promise<Round> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: [
      {
        method: "POST",
        path: "/webhooks/paddle",
        setupRequest: (request) => {
          const body = eventBody("api_key.expiring", keyData());
          const signature = signWebhook(SECRET, body, Math.floor(Date.now() / 1000));
          const headers = { "content-type": "application/json", "paddle-signature": signature };
          return { ...request, body, headers };
        },
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers were not 200, ${result.errors} requests failed`);
  }
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

function report(rounds: ReadonlyMap<string, readonly Round[]>): void {
  const of = (name: string, figure: keyof Round) =>
    median((rounds.get(name) ?? []).map((round) => round[figure]));
  const names = [...rounds.keys()];
  const ours = of("rotator", "perSecond");
  console.log(
    `${ROUNDS} rounds of ${SECONDS} s each, ${CONNECTIONS} connections, medians; Redis with appendonly yes`,
  );
  console.log(
    table(
      ["server", "webhooks/s", "p50 ms", "p99 ms", "rotator / it"],
      names.map((name) => [
        name,
        of(name, "perSecond").toFixed(0),
        of(name, "p50").toFixed(0),
        of(name, "p99").toFixed(0),
        (ours / of(name, "perSecond")).toFixed(2),
      ]),
    ),
  );
}
