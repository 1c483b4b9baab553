/** The queue's tables on PostgreSQL: made, or brought up to date, once for all connections of a process. */
import { runMigrations } from "bullmq";
import { Client, type ClientConfig } from "pg";
import { QueueError } from "../core/errors.ts";
import { postgresFault } from "./server-faults.ts";

/** Processes that start together wait for the first one, which may have a slow disk and a busy server; Kubernetes waits a minute. */
const WITHIN_MS = 45_000;

/**
 * Not by the connections that do the work (BullMQ's `migrate: true`): their queries are given 2.5 s, and a start that
 * finds another one at it, or a commit that waits for the disk, would fail.
 * @throws QueueError that names the server, which cannot be reached or refuses it
 */
export async function migratePostgres(connection: ClientConfig, schema: string): Promise<void> {
  const client = new Client({ ...connection, query_timeout: WITHIN_MS, statement_timeout: WITHIN_MS });
  // Its query fails all the same, and says so.
  client.on("error", () => {});
  try {
    await client.connect();
    await runMigrations(client, schema);
  } catch (cause) {
    const { says, fix } = postgresFault(cause);
    const message = `${says}, at ${client.host}:${client.port}: ${fix}`;
    throw new QueueError(message, { effect: "unknown", retry: "later", cause });
  } finally {
    await client.end();
  }
}
