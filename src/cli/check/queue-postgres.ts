/** The queue's PostgreSQL, without making its tables, as the service would by opening it. */
import { Client } from "pg";
import type { QueueConfig } from "../../config/config.ts";
import { postgresFault, READ_ONLY, type ServerFault } from "../../queue/server-faults.ts";
import { failed, type Finding, ok } from "./finding.ts";

const ABOUT = "queue";
/** BullMQ refuses anything older. */
const LEAST_MAJOR = 13;

type PostgresConfig = Extract<QueueConfig, { kind: "postgres" }>;

export async function lookAtPostgres({ url, schema }: PostgresConfig): Promise<Finding[]> {
  const client = new Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    statement_timeout: 5_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{
      exists: boolean;
      usable: boolean;
      creatable: boolean;
      version: number;
      closed: boolean;
    }>(
      `select n.oid is not null as exists,
              coalesce(has_schema_privilege(n.oid, 'usage, create'), false) as usable,
              has_database_privilege(current_database(), 'create') as creatable,
              current_setting('server_version_num')::int / 10000 as version,
              current_setting('transaction_read_only') = 'on' as closed
         from (select 1) one left join pg_namespace n on n.nspname = $1`,
      [schema],
    );
    const [row] = rows;
    if (row && row.version < LEAST_MAJOR)
      return [
        failed(
          ABOUT,
          `PostgreSQL ${row.version} is too old: ${LEAST_MAJOR} is the least`,
          "update it, or use another server",
        ),
      ];
    if (row?.closed) return [unusable(READ_ONLY)];
    if (row && !row.exists && !row.creatable)
      return [
        failed(
          ABOUT,
          `PostgreSQL answers, but its user may not make the schema ${schema}`,
          `as the owner of the database: CREATE SCHEMA ${schema} AUTHORIZATION <the user in QUEUE_URL>`,
        ),
      ];
    if (row?.exists && !row.usable)
      return [
        failed(
          ABOUT,
          `PostgreSQL answers, but its user may not make tables in the schema ${schema}`,
          `as the owner of the schema: GRANT USAGE, CREATE ON SCHEMA ${schema} TO <the user in QUEUE_URL>`,
        ),
      ];
    return [ok(ABOUT, `PostgreSQL ${row?.version ?? ""} answers; schema ${schema}`)];
  } catch (error) {
    return [unusable(postgresFault(error))];
  } finally {
    await client.end().catch(() => {});
  }
}

function unusable({ says, fix }: ServerFault): Finding {
  return failed(ABOUT, says, fix);
}
