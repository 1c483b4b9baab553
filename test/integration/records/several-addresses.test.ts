/** A server behind a name with several addresses, of which each refuses: Node's error for that has no message. */
import dns from "node:dns";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { openPostgresRecords } from "../../../src/records/postgres.ts";
import { openRedisRecords } from "../../../src/records/redis.ts";
import { captureLog } from "../../support/captured-log.ts";
import { freePort } from "../../support/owned-process.ts";

const { lookup } = dns;
/** Whoever asks for all addresses gets two, as sockets do. */
const twice: unknown = (_host: string, _options: unknown, done: (error: null, found: unknown) => void) =>
  done(
    null,
    ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 })),
  );
beforeAll(() => void Object.assign(dns, { lookup: twice }));
afterAll(() => void Object.assign(dns, { lookup }));

it("is named with its reason by records in Redis, in the error and in the log", async () => {
  const captured = captureLog();
  const url = new Secret(`redis://two.test:${await freePort()}`);
  await using records = await openRedisRecords({ url, prefix: "t", log: captured.log });
  await expect(records.get("mark", "id")).rejects.toThrow(
    /two\.test:\d+ cannot be used \(ECONNREFUSED\): check/,
  );
  expect(captured.lines).toMatchObject([{ reason: "ECONNREFUSED" }]);
});

it("is named with its reason by records in PostgreSQL", async () => {
  const url = new Secret(`postgres://user@two.test:${await freePort()}/t`);
  await using records = await openPostgresRecords({ url, schema: "t", log: captureLog().log });
  await expect(records.get("mark", "id")).rejects.toThrow(
    /two\.test:\d+ cannot be used \(ECONNREFUSED\): check/,
  );
});
