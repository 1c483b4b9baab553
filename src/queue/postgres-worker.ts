/** What a worker on PostgreSQL needs beside BullMQ's own: it is to be woken, and closed, whatever becomes of the server. */
import { EventEmitter } from "node:events";
import { createPostgresBackend } from "bullmq";
import { Client } from "pg";
import { resting } from "./resting.ts";

/** As often as BullMQ looks where nothing is delayed. */
const LOOK_EVERY_S = 5;

/**
 * BullMQ takes all listeners from the connection that wakes a worker, and closes it then. A server that stops at the same
 * time, or has hung and stops later, says goodbye on it with an error, and one that nobody hears ends the process.
 */
class NeverUnheard extends Client {
  override removeAllListeners(event?: string | symbol): this {
    super.removeAllListeners(event);
    return this.on("error", () => {});
  }
}

/**
 * A worker is woken over a connection on which nothing else is asked. If a network forgets that one, TCP finds out after
 * minutes, or never behind a proxy; where a job is delayed, BullMQ would sleep until that is due, for up to an hour. And
 * where not even LISTEN is answered on it, BullMQ asks the same connection for ever.
 */
export const openWorkerBackend: typeof createPostgresBackend = (...args) => {
  const backend = resting(createPostgresBackend(...args));
  Object.defineProperty(backend, "maximumBlockTimeout", { value: LOOK_EVERY_S });
  Object.defineProperty(backend.connection, "pgModule", { value: { Client: NeverUnheard } });
  const waitForJob = backend.waitForJob.bind(backend);
  backend.waitForJob = async (seconds) => {
    try {
      return await waitForJob(seconds);
    } catch (error) {
      // Told that its connection is lost, BullMQ makes another.
      const client: unknown = await backend.connection.getListenClient();
      if (client instanceof EventEmitter) client.emit("error", error);
      throw error;
    }
  };
  return backend;
};
