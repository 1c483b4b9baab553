/** A queue whose server answers and takes no writes: a replica, a standby, a full memory. */
import { Redis } from "ioredis";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { lookAtPostgres } from "../../../src/cli/check/queue-postgres.ts";
import { lookAtRedis } from "../../../src/cli/check/queue-redis.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Outcome } from "../../../src/core/work.ts";
import { startPostgresServer } from "../../support/postgres-server.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork, untilTaken } from "./setting.ts";

const DONE: Outcome = { kind: "done", result: "rotated", summary: "It is rotated." };
const PREFIX = "refused";

type Refusing = AsyncDisposable & {
  readonly url: string;
  refuse(): Promise<void>;
  allow(): Promise<void>;
  /** How many commands or transactions it has refused since it was started. */
  refusals(): Promise<number>;
  /** More than two workers that rest are refused in a second; without a rest, it is a thousand. */
  readonly many: number;
};

async function redisReplica(): Promise<Refusing> {
  await using opened = new AsyncDisposableStack();
  const { url } = opened.use(await startRedisServer());
  const client = opened.adopt(new Redis(url), (own) => own.disconnect());
  const owned = opened.move();
  return {
    url,
    // An idle worker is refused its wait, too.
    many: 20,
    // Of nobody: it keeps trying.
    refuse: async () => void (await client.replicaof("127.0.0.1", 1)),
    allow: async () => void (await client.replicaof("NO", "ONE")),
    refusals: async () =>
      Number(/^errorstat_READONLY:count=(\d+)/m.exec(await client.info("errorstats"))?.[1] ?? 0),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function readOnlyPostgres(): Promise<Refusing> {
  await using opened = new AsyncDisposableStack();
  const { connectionString } = opened.use(await startPostgresServer());
  const client = opened.adopt(new Client({ connectionString }), (own) => own.end());
  await client.connect();
  const setReadOnly = async (isOn: boolean) => {
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${isOn ? "on" : "off"}`);
    await client.query("SELECT pg_reload_conf()");
    await until("it is told", async () => {
      const other = new Client({ connectionString });
      await other.connect();
      const { rows } = await other.query("SHOW default_transaction_read_only");
      await other.end();
      return rows[0]?.default_transaction_read_only === (isOn ? "on" : "off");
    });
  };
  const owned = opened.move();
  return {
    url: connectionString,
    many: 8,
    refuse: () => setReadOnly(true),
    async allow() {
      await client.query("SET default_transaction_read_only = off");
      await setReadOnly(false);
    },
    async refusals() {
      const { rows } = await client.query(
        "SELECT xact_rollback::int AS count FROM pg_stat_database WHERE datname = current_database()",
      );
      return rows[0]?.count ?? 0;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe.each([
  ["Redis replica", redisReplica, /^Redis is a replica \(READONLY\): name the master/],
  ["PostgreSQL that is read only", readOnlyPostgres, /^PostgreSQL takes no writes .*: name the primary/],
] as const)("a queue on a %s", (_name, start, detail) => {
  it("is not ready and says why, is not asked without a pause, and goes on once it takes writes", async () => {
    await using server = await start();
    await using setting = await openSetting(server.url, PREFIX);
    await server.refuse();
    const ran = new Set<string>();
    await setting.work(async ({ intent }) => {
      ran.add(intent.id);
      return DONE;
    });
    expect(await setting.backend.health()).toEqual({ ok: false, detail: expect.stringMatching(detail) });
    const before = await server.refusals();
    const startedAt = performance.now();
    const many = async () => (await server.refusals()) >= before + server.many;
    await until("it has refused again and again", many, 30_000);
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    await server.allow();
    const work = someWork();
    await untilTaken(setting, work);
    await until("it is run", () => ran.has(work.intent.id));
    expect(await setting.backend.health()).toEqual({ ok: true, detail: "ok" });
  });
});

describe("check", () => {
  it("names a Redis that is a replica", async () => {
    await using server = await redisReplica();
    await server.refuse();
    const found = await lookAtRedis({
      kind: "redis",
      url: new Secret(server.url),
      prefix: PREFIX,
      allowEviction: false,
    });
    expect(found).toContainEqual(
      expect.objectContaining({ level: "failed", says: "Redis is a replica (READONLY)" }),
    );
  });

  it("names a PostgreSQL that is read only", async () => {
    await using server = await readOnlyPostgres();
    await server.refuse();
    const found = await lookAtPostgres({ kind: "postgres", url: new Secret(server.url), schema: PREFIX });
    expect(found).toMatchObject([{ level: "failed", says: "PostgreSQL takes no writes (read only)" }]);
  });
});

describe("a queue on a Redis", () => {
  it("that is full is not ready, and says so", async () => {
    await using server = await startRedisServer({
      args: ["--maxmemory", "1mb", "--maxmemory-policy", "noeviction"],
    });
    await using setting = await openSetting(server.url);
    expect(await setting.backend.health()).toMatchObject({
      ok: false,
      detail: "Redis is full (OOM): raise its maxmemory, or remove what else is in it",
    });
  });

  it("whose password is another is not ready, and says so", async () => {
    await using server = await startRedisServer({ args: ["--requirepass", "canary-password"] });
    const url = server.url.replace("redis://", "redis://:canary-wrong@");
    await using setting = await openSetting(url);
    const { ok, detail } = await setting.backend.health();
    expect(ok).toBe(false);
    expect(detail).toMatch(/^Redis refuses our sign-in \(WRONGPASS\): /);
    expect(detail).not.toContain("canary");
  });
});
