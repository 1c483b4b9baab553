import { MIGRATION_ADVISORY_LOCK_KEY } from "bullmq";
import { Client } from "pg";
import { expect, inject, it } from "vitest";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";
import { openSetting } from "./setting.ts";

/** Longer than a query of the queue may take. */
const LONG_MS = 3_000;

it("a process that starts while another one makes the queue's tables waits for it, however long a query may take", async () => {
  const schema = uniquePrefix();
  await using another = await holdMigration(schema);
  const opening = openSetting(inject("postgresUrl"), schema);
  opening.catch(() => {}); // A failure is the test's below.
  await until("it waits", () => another.isWaitedForSince(LONG_MS));
  await another.done();
  await using setting = await opening;
  expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
});

/** Holds what BullMQ holds while it makes the tables of a schema. */
async function holdMigration(schema: string) {
  const client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  const lock = [MIGRATION_ADVISORY_LOCK_KEY, schema];
  await client.query("SELECT pg_advisory_lock($1, hashtext($2))", lock);
  return {
    async isWaitedForSince(ms: number): Promise<boolean> {
      const { rowCount } = await client.query(
        `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE classid = $1 AND objid::int8 = (hashtext($2)::int8 & 4294967295) AND NOT granted
            AND clock_timestamp() - query_start > $3 * interval '1 ms'`,
        [...lock, ms],
      );
      return rowCount === 1;
    },
    done: () => client.query("SELECT pg_advisory_unlock($1, hashtext($2))", lock),
    [Symbol.asyncDispose]: () => client.end(),
  };
}
