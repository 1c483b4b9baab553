/** The queue's PostgreSQL, without making its tables, as the service would by opening it. */
import { Client } from "pg";
import type { QueueConfig } from "../../config/config.ts";
import { describeError } from "../../core/public-error.ts";
import { codeOf } from "./error-code.ts";
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
    }>(
      `select n.oid is not null as exists,
              coalesce(has_schema_privilege(n.oid, 'usage, create'), false) as usable,
              has_database_privilege(current_database(), 'create') as creatable,
              current_setting('server_version_num')::int / 10000 as version
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
    return [refusalOf(error)];
  } finally {
    await client.end().catch(() => {});
  }
}

/** By PostgreSQL's own codes (its manual, appendix A). */
function refusalOf(error: unknown): Finding {
  const code = codeOf(error);
  if (code?.startsWith("28"))
    return failed(
      ABOUT,
      `PostgreSQL refuses our sign-in (${code})`,
      "correct the user and password in QUEUE_URL, and pg_hba.conf there",
    );
  if (code === "3D000")
    return failed(
      ABOUT,
      "PostgreSQL has no such database (3D000)",
      "make it (createdb), or correct the database in QUEUE_URL",
    );
  const why = code === null ? describeError(error) : code;
  return failed(
    ABOUT,
    `PostgreSQL does not answer (${why})`,
    "check that it runs, and the host and port in QUEUE_URL",
  );
}
