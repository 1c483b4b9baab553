/**
 * Records in PostgreSQL: two small tables in the queue's schema, made when they are missing. Every operation is one
 * statement. Values are kept as `json`, which leaves their text as it is, for people who look with SQL.
 *
 * An operation that fails with effect `unknown` may be repeated: `putIfAbsent` then answers false where the first
 * try stored the value; a repeated `append` may leave a second entry.
 */
import { escapeIdentifier, escapeLiteral, type PoolClient } from "pg";
import type { Logger } from "pino";
import type { Forgetting, Json, Leases, Records } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { openPostgresPool } from "./postgres-pool.ts";

// The lock under which BullMQ makes the same schema: MIGRATION_ADVISORY_LOCK_KEY, documented for other programs.
const SCHEMA_LOCK = 0x42554c4c;

// As many as the largest bigint has: filled up with zeros, ids sort as text too.
const ID_DIGITS = 19;

/** So many records of a kind are read at once. */
const SCANNED = 200;

/**
 * Opens the records in `schema`. If the server is away or refuses to make the tables, the log says so and the
 * operations go on trying.
 */
export async function openPostgresRecords(options: {
  url: Secret;
  schema: string;
  log: Logger;
}): Promise<Records & Forgetting & Leases & AsyncDisposable> {
  const { url, schema, log } = options;
  const pool = openPostgresPool(url, log);
  const records = `${escapeIdentifier(schema)}.rotator_records`;
  const lists = `${escapeIdentifier(schema)}.rotator_lists`;

  let made: Promise<void> | undefined;
  const tables = () => {
    made ??= pool.read("preparing the records", (client) => makeTables(client, schema, { records, lists }));
    return made.catch((error: unknown) => {
      made = undefined;
      throw error;
    });
  };
  await tables().catch((error: Error) =>
    log.warn({ reason: error.message }, "the records cannot be used yet"),
  );

  return {
    async putIfAbsent(kind, id, value) {
      await tables();
      const text = `INSERT INTO ${records} (kind, id, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
      const { rowCount } = await pool.write("storing a record", (client) =>
        client.query(text, [kind, id, JSON.stringify(value)]),
      );
      return rowCount === 1;
    },

    async get(kind, id) {
      await tables();
      const text = `SELECT value FROM ${records} WHERE kind = $1 AND id = $2`;
      const { rows } = await pool.read("reading a record", (client) =>
        client.query<{ value: Json }>(text, [kind, id]),
      );
      return rows[0]?.value;
    },

    async append(list, value) {
      await tables();
      const text = `INSERT INTO ${lists} (list, value) VALUES ($1, $2) RETURNING id`;
      const { rows } = await pool.write("adding to a list", (client) =>
        client.query<{ id: string }>(text, [list, JSON.stringify(value)]),
      );
      return sortable(rows[0]?.id ?? "");
    },

    async list(list, { limit, before }) {
      await tables();
      const text = `SELECT id, value FROM ${lists} WHERE list = $1 AND ($2::bigint IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3`;
      const { rows } = await pool.read("reading a list", (client) =>
        client.query<{ id: string; value: Json }>(text, [list, before ?? null, limit]),
      );
      return rows.map(({ id, value }) => ({ id: sortable(id), value }));
    },

    async trim(list, before) {
      await tables();
      const text = `DELETE FROM ${lists} WHERE list = $1 AND id < $2`;
      await pool.write("shortening a list", (client) => client.query(text, [list, before]));
    },

    async scan(kind, from) {
      await tables();
      const text = `SELECT id, value FROM ${records} WHERE kind = $1 AND ($2::text IS NULL OR id > $2)
        ORDER BY id LIMIT ${SCANNED}`;
      const { rows } = await pool.read("looking through records", (client) =>
        client.query<{ id: string; value: Json }>(text, [kind, from]),
      );
      return { records: rows, next: rows.length < SCANNED ? null : (rows.at(-1)?.id ?? null) };
    },

    async forget(kind, ids) {
      await tables();
      const text = `DELETE FROM ${records} WHERE kind = $1 AND id = ANY($2)`;
      await pool.write("forgetting records", (client) => client.query(text, [kind, ids]));
    },

    async oldest(list, limit) {
      await tables();
      const text = `SELECT id, value FROM ${lists} WHERE list = $1 ORDER BY id LIMIT $2`;
      const { rows } = await pool.read("reading a list", (client) =>
        client.query<{ id: string; value: Json }>(text, [list, limit]),
      );
      return rows.map(({ id, value }) => ({ id: sortable(id), value }));
    },

    async forgetLists(names) {
      await tables();
      const text = `DELETE FROM ${lists} WHERE list = ANY($1)`;
      await pool.write("forgetting lists", (client) => client.query(text, [names]));
    },

    async take(name, holder, ttlMs) {
      await tables();
      // The server's clock counts, which every instance shares.
      const text = `INSERT INTO ${records} AS held (kind, id, value)
        VALUES ('lease', $1, json_build_object('holder', $2::text, 'until', now() + $3 * interval '1 ms'))
        ON CONFLICT (kind, id) DO UPDATE SET value = EXCLUDED.value
        WHERE held.value->>'holder' = $2 OR (held.value->>'until')::timestamptz <= now()`;
      const { rowCount } = await pool.write("taking a lease", (client) =>
        client.query(text, [name, holder, ttlMs]),
      );
      return rowCount === 1;
    },

    async giveBack(name, holder) {
      await tables();
      const text = `DELETE FROM ${records} WHERE kind = 'lease' AND id = $1 AND value->>'holder' = $2`;
      await pool.write("giving back a lease", (client) => client.query(text, [name, holder]));
    },

    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

/**
 * Makes only what is missing, so that an account without the right to make it can be given it ready-made.
 * Several instances may start at once: IF NOT EXISTS alone does not stand that, the lock does.
 */
async function makeTables(client: PoolClient, schema: string, names: { records: string; lists: string }) {
  const { rows } = await client.query<{ tables: boolean; schema: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS tables,
      to_regnamespace($3) IS NOT NULL AS schema`,
    [names.records, names.lists, escapeIdentifier(schema)],
  );
  if (rows[0]?.tables) return;
  // Sent as one message, the statements are one transaction.
  await client.query(`
    SELECT pg_advisory_xact_lock(${SCHEMA_LOCK}, hashtext(${escapeLiteral(schema)}));
    ${rows[0]?.schema ? "" : `CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)};`}
    CREATE TABLE IF NOT EXISTS ${names.records} (
      kind text NOT NULL,
      id text NOT NULL,
      value json NOT NULL,
      stored_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (kind, id)
    );
    CREATE TABLE IF NOT EXISTS ${names.lists} (
      list text NOT NULL,
      id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
      value json NOT NULL,
      added_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (list, id)
    );`);
}

function sortable(id: string): string {
  return id.padStart(ID_DIGITS, "0");
}
