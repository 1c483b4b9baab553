import { pino } from "pino";
import { inject } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Leases } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { openPostgresRecords } from "../../src/records/postgres.ts";
import { openRedisRecords } from "../../src/records/redis.ts";
import { memoryLeases } from "../support/memory-leases.ts";
import { leasesContract } from "./leases.contract.ts";

const log = pino({ level: "silent" });

leasesContract("Redis", (prefix) => openRedisRecords({ url: new Secret(inject("redisUrl")), prefix, log }));

leasesContract("PostgreSQL", (schema) =>
  openPostgresRecords({ url: new Secret(inject("postgresUrl")), schema, log }),
);

const inMemory = new Map<string, Leases>();
leasesContract("the memory of a test", async (name) => {
  const leases = inMemory.getOrInsertComputed(name, () => memoryLeases(systemClock));
  return { ...leases, async [Symbol.asyncDispose]() {} };
});
