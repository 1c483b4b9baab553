/**
 * One Redis and one PostgreSQL for a run of the tests, started when the first project that names this file has
 * something to run, stopped at its end. Tests read their addresses with `inject` and keep to names of their own
 * (`uniquePrefix`); those that freeze or kill a server start one of their own.
 */
import type { TestProject } from "vitest/node";
import { startPostgresServer } from "./postgres-server.ts";
import { ensureRedisExecutable } from "./redis-executable.ts";
import { startRedisServer } from "./redis-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    redisUrl: string;
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // What the root project is given, every project has; it is given by the first of them.
  const run = project.vitest.getRootProject();
  if ("redisUrl" in run.getProvidedContext()) return undefined;

  await using servers = new AsyncDisposableStack();
  const postgres = servers.use(await startPostgresServer());
  run.provide("postgresUrl", postgres.connectionString);
  const ownRedis = process.env["TEST_REDIS_URL"] ? null : servers.use(await startOwnRedis());
  run.provide("redisUrl", ownRedis?.url ?? process.env["TEST_REDIS_URL"] ?? "");
  const started = servers.move();
  return () => started.disposeAsync();
}

async function startOwnRedis() {
  ensureRedisExecutable();
  return startRedisServer();
}
