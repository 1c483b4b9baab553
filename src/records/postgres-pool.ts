/**
 * Connections to PostgreSQL that answer within the deadline whatever the server does. One that failed in any way
 * is thrown away and the next operation makes a new one: that is all the recovery it needs.
 */
import { Socket } from "node:net";
import { Client, DatabaseError, Pool, type PoolClient } from "pg";
import type { Logger } from "pino";
import { type Effect, QueueError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { by, DEADLINE_MS, FAREWELL_MS } from "./deadline.ts";
import { reason } from "./reason.ts";

const CONNECTIONS = 4;

export type PostgresPool = AsyncDisposable & {
  /** Works on one connection; `purpose` names it in errors. Throws QueueError, whose effect for a read is `none`. */
  read<Result>(purpose: string, work: (client: PoolClient) => Promise<Result>): Promise<Result>;
  /** As `read`; the effect is `none` if the server never got the statement or refused it, else `unknown`. */
  write<Result>(purpose: string, work: (client: PoolClient) => Promise<Result>): Promise<Result>;
};

/** Connects when it is first used. `url`: postgres://…, with `?host=` for the folder of a socket. */
export function openPostgresPool(url: Secret, log: Logger): PostgresPool {
  const connectionString = url.reveal();
  const { host, port } = new Client({ connectionString });
  const where = `PostgreSQL at ${host}:${port}`;
  const sockets = new Set<Socket>();
  const pool = new Pool({
    connectionString,
    application_name: "paddle-key-rotator-records",
    max: CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: DEADLINE_MS,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket.once("close", () => sockets.delete(socket)));
      return socket;
    },
  });
  // A client that nobody listens to ends the process when its connection is lost, even while it is in use.
  pool.on("connect", (client) => {
    client.on("error", (error) => log.warn({ reason: reason(error) }, `a connection to ${where} was lost`));
  });
  // The pool says once more what its idle clients said.
  pool.on("error", () => {});

  const use = async <Result>(
    purpose: string,
    unanswered: Effect,
    work: (client: PoolClient) => Promise<Result>,
  ): Promise<Result> => {
    const deadline = performance.now() + DEADLINE_MS;
    const client = await pool.connect().catch((error: unknown) => {
      throw new QueueError(
        `${purpose}: ${where} cannot be used (${reason(error)}): check that it runs and QUEUE_URL`,
        { effect: "none", retry: "later" },
      );
    });
    try {
      const result = await by(deadline, work(client));
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw failure(`${purpose}: ${where}`, error, unanswered);
    }
  };
  return {
    read: (purpose, work) => use(purpose, "none", work),
    write: (purpose, work) => use(purpose, "unknown", work),

    async [Symbol.asyncDispose]() {
      const ended = pool.end();
      await by(performance.now() + FAREWELL_MS, ended).catch(() => {});
      // A server that hangs does not say goodbye.
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
}

function failure(context: string, error: unknown, unanswered: Effect): QueueError {
  if (!(error instanceof DatabaseError))
    return new QueueError(`${context} did not answer: ${reason(error)}`, {
      effect: unanswered,
      retry: "later",
    });
  // 57P01 to 57P03: the server is going down, perhaps just after the commit (PostgreSQL, Appendix A: error codes).
  const effect = error.code?.startsWith("57P0") ? unanswered : "none";
  // 22: the data are wrong; 42: no permission, or no such thing.
  const retry = /^(22|42)/.test(error.code ?? "") ? "never" : "later";
  return new QueueError(`${context} refused: ${error.message}`, { effect, retry });
}
