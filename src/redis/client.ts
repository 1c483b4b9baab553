/**
 * Clients of one server, of a master that Sentinels watch, and of a Cluster.
 *
 * After a fail-over a client finds the new master by itself: the Sentinels are asked at every new connection, a Cluster
 * every other second. A master that hangs keeps its connections open, so the manner should have a `socketTimeout`.
 */
import { Cluster, Redis } from "ioredis";
import type { Secret } from "../core/secret.ts";
import { type RedisAddress, redisAddress } from "./address.ts";

export type RedisClient = Redis | Cluster;

/** ioredis's own names. */
export type Manner = {
  /** On a Cluster, for the connections to its nodes. */
  readonly redis: {
    readonly maxRetriesPerRequest: number | null;
    readonly retryStrategy: (attempt: number) => number | null;
    readonly connectionName?: string;
    readonly connectTimeout?: number;
    readonly commandTimeout?: number;
    readonly socketTimeout?: number;
    readonly disconnectTimeout?: number;
    readonly enableOfflineQueue?: boolean;
    readonly autoResendUnfulfilledCommands?: boolean;
    readonly lazyConnect?: boolean;
  };
  /** On a Cluster, for the whole of it. */
  readonly cluster: {
    readonly enableOfflineQueue?: boolean;
    readonly lazyConnect?: boolean;
    readonly enableReadyCheck?: boolean;
    readonly maxRedirections?: number;
    readonly retryDelayOnFailover?: number;
    readonly retryDelayOnMoved?: number;
    readonly slotsRefreshInterval?: number;
    readonly clusterRetryStrategy?: (attempt: number) => number | null;
  };
};

export const backOff = (attempt: number) => Math.min(100 * attempt, 1_000);

const SENTINEL_MS = 2_000;
const SLOTS_MS = 2_000;

/** Connects in the background, unless `lazyConnect` says otherwise. */
export function openClient(url: Secret, manner: Manner): RedisClient {
  const address = redisAddress(url);
  switch (address.kind) {
    case "server":
      return new Redis(url.reveal(), manner.redis);
    case "sentinel":
      return new Redis(sentinelOptions(address, manner.redis));
    case "cluster":
      return new Cluster([...address.endpoints], clusterOptions(address, manner));
    default:
      return address satisfies never;
  }
}

export function sentinelOptions(
  address: Extract<RedisAddress, { kind: "sentinel" }>,
  redis: Manner["redis"],
) {
  const { atSentinels } = address;
  return {
    ...redis,
    ...signIn(address),
    sentinels: [...address.endpoints],
    name: address.master,
    db: address.database,
    ...(atSentinels.user !== null && { sentinelUsername: atSentinels.user }),
    ...(atSentinels.password && { sentinelPassword: atSentinels.password.reveal() }),
    ...(address.tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: SENTINEL_MS,
    sentinelRetryStrategy: backOff,
    // A former master that lives on as a replica: the command was refused, and goes to the new one.
    reconnectOnError: ({ message }: Error) => (message.startsWith("READONLY") ? (2 as const) : false),
  };
}

export function clusterOptions(
  address: Extract<RedisAddress, { kind: "cluster" }>,
  { redis, cluster }: Manner,
) {
  const { retryStrategy: _retry, enableOfflineQueue: _offline, ...ofNodes } = redis;
  return {
    clusterRetryStrategy: backOff,
    slotsRefreshInterval: SLOTS_MS,
    slotsRefreshTimeout: SLOTS_MS,
    ...cluster,
    // A certificate is for a name: it must not be looked up before.
    ...(address.tls && { dnsLookup: asItIs }),
    redisOptions: { ...ofNodes, ...signIn(address), ...(address.tls && { tls: {} }) },
  };
}

function asItIs(host: string, found: (error: null, address: string) => void): void {
  found(null, host);
}

function signIn({ user, password }: { user: string | null; password: Secret | null }) {
  return {
    ...(user !== null && { username: user }),
    ...(password && { password: password.reveal() }),
  };
}

/** The servers that hold data: one, or every master of a Cluster that is known now. */
export function mastersOf(client: RedisClient): readonly Redis[] {
  return client instanceof Cluster ? client.nodes("master") : [client];
}
