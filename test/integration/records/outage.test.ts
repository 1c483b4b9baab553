/** The records while their server is down, frozen or refusing: quick, honest answers and recovery by itself. */
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { QueueError } from "../../../src/core/errors.ts";
import type { Records } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { openPostgresRecords } from "../../../src/records/postgres.ts";
import { openRedisRecords } from "../../../src/records/redis.ts";
import { captureLog } from "../../support/captured-log.ts";
import { startPostgresServer } from "../../support/postgres-server.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";

const { log } = captureLog();

type Server = AsyncDisposable & {
  kill(): Promise<void>;
  suspend(): void | Promise<void>;
  resume(): void | Promise<void>;
  restart(): Promise<void>;
};

/** A command's own deadline is 3 s. */
const BEFORE_DEADLINE_MS = 2_500;

const BACK_ENDS = [
  {
    name: "Redis",
    async start() {
      const server = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
      return { server: server satisfies Server, url: new Secret(server.url), port: server.port };
    },
    open: (url: Secret) => openRedisRecords({ url, prefix: "t", log }),
  },
  {
    name: "PostgreSQL",
    async start() {
      const server = await startPostgresServer();
      const url = new Secret(server.connectionString);
      return { server: server satisfies Server, url, port: server.port };
    },
    open: (url: Secret) => openPostgresRecords({ url, schema: "t", log }),
  },
];

/** The QueueError that an operation ends with, and after how long. */
async function failureOf(operation: Promise<unknown>): Promise<{ error: QueueError; afterMs: number }> {
  const began = performance.now();
  const error: unknown = await operation.then(
    (value) => new Error(`it did not fail but gave ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof QueueError)) throw error;
  return { error, afterMs: performance.now() - began };
}

/** Tries as a job would, until the operation succeeds. */
async function retried<Value>(operation: () => Promise<Value>): Promise<Value> {
  const attempt = () =>
    operation().then(
      (value) => ({ value }),
      () => null,
    );
  return (await until("the records work again", attempt)).value;
}

const put = (records: Records, value: string) => records.putIfAbsent("mark", "id", value);

describe.concurrent.each(BACK_ENDS)("records in $name", (backEnd) => {
  it("says that nothing was done while the server is down, and works again when it is back", async () => {
    const { server, url, port } = await backEnd.start();
    await using _ = server;
    await using records = await backEnd.open(url);
    await records.putIfAbsent("mark", "before", 1);
    await server.kill();

    // A connection whose end has not been noticed yet takes one more command: that one is unknown.
    const { error, afterMs } = await until("the loss is noticed", async () => {
      const failure = await failureOf(put(records, "lost"));
      return failure.error.effect === "none" ? failure : null;
    });
    expect(error.retry).toBe("later");
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(afterMs).toBeLessThan(4_500);

    await server.restart();
    expect(await retried(() => put(records, "kept"))).toBe(true);
    expect(await records.get("mark", "id")).toBe("kept");
    expect(await records.get("mark", "before")).toBe(1);
  });

  it("can be opened before its server is there", async () => {
    const { server, url } = await backEnd.start();
    await using _ = server;
    await server.kill();
    await using records = await backEnd.open(url);
    expect((await failureOf(put(records, "lost"))).error.effect).toBe("none");
    await server.restart();
    expect(await retried(() => put(records, "kept"))).toBe(true);
    expect(await records.get("mark", "id")).toBe("kept");
  });

  it("answers within its deadline while the server hangs: a write may have happened, a read changed nothing", async () => {
    const { server, url } = await backEnd.start();
    await using _ = server;
    await using records = await backEnd.open(url);
    await records.get("mark", "id");
    await server.suspend();

    const written = await failureOf(put(records, "perhaps"));
    expect(written.error).toMatchObject({ effect: "unknown", retry: "later" });
    expect(written.afterMs).toBeGreaterThan(2_900);
    expect(written.afterMs).toBeLessThan(4_500);

    await server.resume();
    await retried(() => put(records, "perhaps"));
    expect(await records.get("mark", "id")).toBe("perhaps");
  });

  it("leaves a connection that has gone silent for a new one", async () => {
    const { server, url, port } = await backEnd.start();
    await using _ = server;
    await using proxy = await startTcpProxy(port);
    await using records = await backEnd.open(new Secret(url.reveal().replace(`${port}`, `${proxy.port}`)));
    await records.get("mark", "id");
    proxy.silence();
    expect((await failureOf(put(records, "x"))).error.effect).toBe("unknown");
    expect(await retried(() => put(records, "x"))).toBe(true);
  });

  it("calls a read that was not answered without effect", async () => {
    const { server, url } = await backEnd.start();
    await using _ = server;
    await using records = await backEnd.open(url);
    await records.get("mark", "id");
    await server.suspend();
    expect((await failureOf(records.list("audit", { limit: 1 }))).error.effect).toBe("none");
  });

  it("closes without hanging while the server hangs, and ends what was waiting", async () => {
    const { server, url } = await backEnd.start();
    await using _ = server;
    const records = await backEnd.open(url);
    await records.get("mark", "id");
    await server.suspend();
    const waiting = failureOf(put(records, "perhaps"));
    await setImmediate();
    const began = performance.now();
    await records[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(BEFORE_DEADLINE_MS);
    expect((await waiting).error.effect).toBe("unknown");
    expect((await waiting).afterMs).toBeLessThan(BEFORE_DEADLINE_MS);
  });

  it("refuses at once what is asked of it after it was closed", async () => {
    const { server, url } = await backEnd.start();
    await using _ = server;
    const records = await backEnd.open(url);
    await records.get("mark", "id");
    await records[Symbol.asyncDispose]();
    const { error, afterMs } = await failureOf(put(records, "late"));
    expect(error.effect).toBe("none");
    expect(afterMs).toBeLessThan(500);
  });
});

describe.concurrent("records in Redis that refuses", () => {
  it("names the reason and never the password", async () => {
    await using server = await startRedisServer({ args: ["--requirepass", "the-right-one"] });
    const captured = captureLog();
    const url = new Secret(`redis://:canary-password@127.0.0.1:${server.port}`);
    await using records = await openRedisRecords({ url, prefix: uniquePrefix(), log: captured.log });
    const { error } = await failureOf(put(records, "x"));
    expect(error.message).toContain("WRONGPASS");
    expect(error.effect).toBe("none");
    expect(inspect(error, { depth: 9, showHidden: true }) + captured.text()).not.toContain("canary");
    expect(captured.text()).toContain("WRONGPASS");
  });

  it("names a Cluster's reason and never the password", async () => {
    await using server = await startRedisServer({
      args: ["--requirepass", "the-right-one", "--cluster-enabled", "yes"],
    });
    const captured = captureLog();
    const url = new Secret(`redis+cluster://:canary-password@127.0.0.1:${server.port}`);
    await using records = await openRedisRecords({ url, prefix: uniquePrefix(), log: captured.log });
    const { error } = await failureOf(put(records, "x"));
    expect(error.message).toContain("cannot be used (Failed to refresh slots cache: WRONGPASS): check");
    expect(error.effect).toBe("none");
    expect(inspect(error, { depth: 9, showHidden: true }) + captured.text()).not.toContain("canary");
    expect(captured.lines[0]).toMatchObject({ reason: "Failed to refresh slots cache: WRONGPASS" });
  });

  it("knows that a write for which there is no memory did not happen", async () => {
    await using server = await startRedisServer({ args: ["--maxmemory", "1"] });
    await using records = await openRedisRecords({ url: new Secret(server.url), prefix: "t", log });
    const { error } = await failureOf(put(records, "x"));
    expect(error).toMatchObject({ effect: "none", retry: "later" });
    expect(error.message).toContain("OOM");
  });
});
