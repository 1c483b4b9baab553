/**
 * A connection to Redis that answers within the deadline whatever the server does, and recovers by itself.
 * A command is sent at most once: what could not be sent is dropped, never sent later behind the caller's back.
 */
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { type Effect, QueueError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { by, DEADLINE_MS, FAREWELL_MS } from "./deadline.ts";

export type RedisConnection = Disposable & {
  /** Runs one command; `purpose` names it in errors. Throws QueueError, whose effect for a read is always `none`. */
  read<Reply>(purpose: string, command: (client: Redis) => Promise<Reply>): Promise<Reply>;
  /** As `read`; the effect is `none` if the server never got the command or refused it, else `unknown`. */
  write<Reply>(purpose: string, command: (client: Redis) => Promise<Reply>): Promise<Reply>;
};

/** Connects in the background. `url`: redis:// or rediss://. */
export function connectToRedis(url: Secret, log: Logger): RedisConnection {
  const client = new Redis(url.reveal(), {
    connectionName: "paddle-key-rotator-records",
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: DEADLINE_MS,
    // A server that has gone without a word is found out by its silence, and the connection is made anew.
    socketTimeout: DEADLINE_MS,
    disconnectTimeout: FAREWELL_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  const where = `Redis at ${client.options.path ?? `${client.options.host}:${client.options.port}`}`;
  const trouble = watch(client, where, log);
  const readiness = watchReadiness(client);

  const send = async <Reply>(
    purpose: string,
    unanswered: Effect,
    command: (client: Redis) => Promise<Reply>,
  ): Promise<Reply> => {
    const deadline = performance.now() + DEADLINE_MS;
    const ready = await by(deadline, readiness()).catch(() => false);
    if (!ready || !client.stream.writable) {
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

/** Tells the log once when the server goes and once when it is back; gives the last error while it is away. */
function watch(client: Redis, where: string, log: Logger): () => string | null {
  let trouble: string | null = null;
  // Only the text of ioredis's errors is used: the objects carry the command and, for AUTH, the password.
  client.on("error", (error: Error) => {
    if (trouble === null) log.warn({ reason: error.message }, `${where} cannot be used, trying again`);
    trouble = error.message;
  });
  client.on("ready", () => {
    if (trouble !== null) log.info(`${where} can be used again`);
    trouble = null;
  });
  return () => trouble;
}

/** Gives a promise of true once commands can be sent, of false once the connection is closed for good. */
function watchReadiness(client: Redis): () => Promise<boolean> {
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
  const text = error instanceof Error ? error.message : String(error);
  // An error reply begins with a word in capitals, such as OOM or READONLY: the server did not do it.
  if (error instanceof Error && error.name === "ReplyError") {
    const retry = /^(ERR|WRONGTYPE|NOPERM) /.test(text) ? "never" : "later";
    return new QueueError(`${context} refused: ${text}`, { effect: "none", retry });
  }
  return new QueueError(`${context} did not answer: ${text}`, { effect: unanswered, retry: "later" });
}
