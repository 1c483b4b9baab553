/**
 * A connection to Redis that answers within the deadline whatever the server does, and recovers by itself.
 * A command is sent at most once: what could not be sent is dropped, never sent later behind the caller's back.
 */
import { Redis, type RedisCommander } from "ioredis";
import type { Logger } from "pino";
import { type Effect, QueueError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { type RedisAddress, redisAddress } from "../redis/address.ts";
import { backOff, type Manner, openClient, type RedisClient } from "../redis/client.ts";
import { by, DEADLINE_MS, FAREWELL_MS } from "./deadline.ts";
import { reason } from "./reason.ts";

export type RedisConnection = Disposable & {
  /** Runs one command; `purpose` names it in errors. Throws QueueError, whose effect for a read is always `none`. */
  read<Reply>(purpose: string, command: (client: RedisCommander) => Promise<Reply>): Promise<Reply>;
  /** As `read`; the effect is `none` if the server never got the command or refused it, else `unknown`. */
  write<Reply>(purpose: string, command: (client: RedisCommander) => Promise<Reply>): Promise<Reply>;
};

const MANNER: Manner = {
  redis: {
    connectionName: "paddle-key-rotator-records",
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: DEADLINE_MS,
    // A server that has gone without a word is found out by its silence, and the connection is made anew.
    socketTimeout: DEADLINE_MS,
    disconnectTimeout: FAREWELL_MS,
    retryStrategy: backOff,
  },
  // 0: what a lost connection may have delivered is not sent again; the slots are looked up soon instead. The queue
  // holds a command only while its node is being connected, for nothing is sent to a Cluster that is not ready.
  cluster: { enableOfflineQueue: true, retryDelayOnFailover: 0, slotsRefreshInterval: 1_000 },
};

/** Connects in the background. */
export function connectToRedis(url: Secret, log: Logger): RedisConnection {
  const client = openClient(url, MANNER);
  const where = placeOf(redisAddress(url), client);
  const trouble = watch(client, where, log);
  const readiness = watchReadiness(client);

  const send = async <Reply>(
    purpose: string,
    unanswered: Effect,
    command: (client: RedisCommander) => Promise<Reply>,
  ): Promise<Reply> => {
    const deadline = performance.now() + DEADLINE_MS;
    const ready = await by(deadline, readiness()).catch(() => false);
    if (!ready || !isWritable(client)) {
      const why = trouble() ?? "it does not answer";
      throw new QueueError(`${purpose}: ${where} cannot be used (${why}): check that it runs and QUEUE_URL`, {
        effect: "none",
        retry: "later",
      });
    }
    try {
      return await by(deadline, command(client));
    } catch (error) {
      throw failure(`${purpose}: ${where}`, error, unanswered);
    }
  };
  return {
    read: (purpose, command) => send(purpose, "none", command),
    write: (purpose, command) => send(purpose, "unknown", command),
    [Symbol.dispose]: () => client.disconnect(),
  };
}

/** For people; without anything that signs in. */
function placeOf(address: RedisAddress, client: RedisClient): string {
  if (address.kind === "server" && client instanceof Redis)
    return `Redis at ${client.options.path ?? `${client.options.host}:${client.options.port}`}`;
  if (address.kind === "server") return "Redis";
  const endpoints = address.endpoints.map(({ host, port }) => `${host}:${port}`).join(", ");
  return address.kind === "sentinel"
    ? `Redis master ${address.master} of the Sentinels at ${endpoints}`
    : `Redis Cluster at ${endpoints}`;
}

/** A Cluster is ready while one of its nodes is; the one that is asked for says whether it is. */
function isWritable(client: RedisClient): boolean {
  return client instanceof Redis ? client.stream.writable : client.status === "ready";
}

/** Tells the log once when the server goes and once when it is back; gives the last error while it is away. */
function watch(client: RedisClient, where: string, log: Logger): () => string | null {
  let trouble: string | null = null;
  // Only the text of ioredis's errors is used: the objects carry the command and, for AUTH, the password.
  client.on("error", (error: Error) => {
    const why = reason(error);
    if (trouble === null) log.warn({ reason: why }, `${where} cannot be used, trying again`);
    trouble = why;
  });
  client.on("ready", () => {
    if (trouble !== null) log.info(`${where} can be used again`);
    trouble = null;
  });
  return () => trouble;
}

/** Gives a promise of true once commands can be sent, of false once the connection is closed for good. */
function watchReadiness(client: RedisClient): () => Promise<boolean> {
  let isReady = false;
  let gate = Promise.withResolvers<boolean>();
  client.on("ready", () => {
    isReady = true;
    gate.resolve(true);
  });
  client.on("close", () => {
    if (isReady) gate = Promise.withResolvers();
    isReady = false;
  });
  client.on("end", () => gate.resolve(false));
  return () => gate.promise;
}

function failure(context: string, error: unknown, unanswered: Effect): QueueError {
  const text = reason(error);
  // An error reply begins with a word in capitals, such as OOM or READONLY: the server did not do it.
  if (error instanceof Error && error.name === "ReplyError") {
    const retry = /^(ERR|WRONGTYPE|NOPERM) /.test(text) ? "never" : "later";
    return new QueueError(`${context} refused: ${text}`, { effect: "none", retry });
  }
  return new QueueError(`${context} did not answer: ${text}`, { effect: unanswered, retry: "later" });
}
