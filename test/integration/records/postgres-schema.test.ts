/** How the records in PostgreSQL come by their tables. */
import { createPostgresBackend, Queue } from "bullmq";
import { Client, escapeIdentifier } from "pg";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { openPostgresRecords } from "../../../src/records/postgres.ts";
import { captureLog } from "../../support/captured-log.ts";
import { uniquePrefix } from "../../support/unique.ts";

async function sql(text: string): Promise<void> {
  const client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

const ownerUrl = () => new Secret(inject("postgresUrl"));

/** An account that may log in and no more. */
async function createGuest(): Promise<{ guest: string; url: Secret }> {
  const guest = uniquePrefix("guest");
  await sql(`CREATE ROLE ${guest} LOGIN`);
  onTestFinished(() => sql(`DROP OWNED BY ${guest}; DROP ROLE ${guest}`));
  const url = new URL(inject("postgresUrl"));
  url.username = guest;
  return { guest, url: new Secret(url.href) };
}

describe("the tables of the records", () => {
  it("are made once by many instances that start together, beside a queue that makes the same schema", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const schema = uniquePrefix();
      const { log, lines } = captureLog();
      const opening = Array.from({ length: 8 }, () => openPostgresRecords({ url: ownerUrl(), schema, log }));
      const queue = new Queue(
        "q",
        { connection: { connectionString: ownerUrl().reveal(), schema, migrate: true } },
        createPostgresBackend,
      );
      await queue.waitUntilReady();
      for (const records of await Promise.all(opening)) {
        await records.append("audit", round);
        await records[Symbol.asyncDispose]();
      }
      await queue.close();
      expect(lines).toEqual([]);
    }
  });

  it("may be in a schema of any name", async () => {
    const schema = `Key "rotator's" ${uniquePrefix()}`;
    const { log, lines } = captureLog();
    await using records = await openPostgresRecords({ url: ownerUrl(), schema, log });
    expect(await records.putIfAbsent("mark", "id", 1)).toBe(true);
    await using again = await openPostgresRecords({ url: ownerUrl(), schema, log });
    expect(await again.putIfAbsent("mark", "id", 2)).toBe(false);
    expect(lines).toEqual([]);
  });

  it("are missed loudly where the account may not make them, and used as soon as they are there", async () => {
    const { guest, url } = await createGuest();
    const { log, lines } = captureLog();
    const schema = uniquePrefix();
    await using records = await openPostgresRecords({ url, schema, log });
    expect(lines.map(({ reason }) => reason)).toEqual([expect.stringContaining("permission denied")]);
    await expect(records.putIfAbsent("mark", "id", 1)).rejects.toMatchObject({
      name: "QueueError",
      effect: "none",
      retry: "never",
      message: expect.stringContaining("permission denied"),
    });

    await using owner = await openPostgresRecords({ url: ownerUrl(), schema, log });
    const tables = `ALL TABLES IN SCHEMA ${escapeIdentifier(schema)}`;
    await sql(`GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${guest};
      GRANT SELECT, INSERT ON ${tables} TO ${guest}`);
    expect(await records.putIfAbsent("mark", "id", 1)).toBe(true);
    expect(await records.append("audit", 1)).toBeTypeOf("string");
    expect(await owner.get("mark", "id")).toBe(1);
  });

  it("keep what they are given readable for people with SQL", async () => {
    const schema = uniquePrefix();
    const { log } = captureLog();
    await using records = await openPostgresRecords({ url: ownerUrl(), schema, log });
    await records.append("audit", { key: "billing" });
    const client = new Client({ connectionString: inject("postgresUrl") });
    await client.connect();
    const { rows } = await client.query(`SELECT value->>'key' AS key FROM ${schema}.rotator_lists`);
    await client.end();
    expect(rows).toEqual([{ key: "billing" }]);
  });
});
