import { pino } from "pino";
import { expectTypeOf, inject, it } from "vitest";
import type { Json } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { openPostgresRecords } from "../../src/records/postgres.ts";
import { openRedisRecords } from "../../src/records/redis.ts";
import { type MemoryRecords, memoryRecords } from "../support/memory-records.ts";
import { recordsContract } from "./records.contract.ts";

const log = pino({ level: "silent" });

recordsContract("Redis", (prefix) => openRedisRecords({ url: new Secret(inject("redisUrl")), prefix, log }));

recordsContract("PostgreSQL", (schema) =>
  openPostgresRecords({ url: new Secret(inject("postgresUrl")), schema, log }),
);

const inMemory = new Map<string, MemoryRecords>();
recordsContract("the memory of a test", async (name) => {
  const records = inMemory.get(name) ?? memoryRecords();
  inMemory.set(name, records);
  return records;
});

it("does not take a Secret for a JSON value", () => {
  expectTypeOf<Secret>().not.toExtend<Json>();
  expectTypeOf<{ secret: Secret }>().not.toExtend<Json>();
});
