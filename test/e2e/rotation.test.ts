/** The whole path through real processes: a signed webhook comes in, and the applications' file holds a new secret. */
import { Redis } from "ioredis";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventBody, keyData } from "../support/paddle-simulator/events.ts";
import { signWebhook } from "../support/paddle-simulator/sign.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { ADMIN_TOKEN, openSite, type RunningService, type Site } from "../support/service.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

const retired = (site: Site) =>
  until(
    "the old secret is retired",
    async () => {
      const [active, old] = [await site.secret("ACTIVE_PADDLE_KEY"), await site.secret("OLD_PADDLE_KEY")];
      return active?.reveal() !== site.key.secret && old === null;
    },
    30_000,
  );

const asAdmin = (url: string, init: RequestInit = {}) =>
  fetch(url, {
    ...init,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
  });

/** Then it takes the webhook for lost, and sends it again later. */
const PADDLE_WAITS_MS = 5_000;

const Keys = z.object({ keys: z.array(z.object({ state: z.string() })) });
const Board = z.object({
  queues: z.array(
    z.object({ name: z.string(), jobs: z.array(z.object({ id: z.string(), progress: z.number() })) }),
  ),
});
const Logs = z.array(z.string());

/** Sends a signed webhook as Paddle would, without the simulator's retries. */
async function deliver(site: Site, service: RunningService, body: string): Promise<Response> {
  const headers = {
    "paddle-signature": signWebhook(site.webhookSecret, body, Math.floor(Date.now() / 1000)),
  };
  return fetch(`${service.publicUrl}/webhooks/paddle`, { method: "POST", body, headers });
}

const queues: [string, () => Record<string, string>][] = [
  ["Redis", () => ({ QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() })],
  ["PostgreSQL", () => ({ QUEUE_URL: inject("postgresUrl"), QUEUE_PREFIX: uniquePrefix() })],
  ["the embedded queue", () => ({})],
];

describe.each(queues)("the service on %s", (_queue, env) => {
  let site: Site;
  let service: RunningService;
  beforeAll(async () => {
    site = await openSite({ env: env() });
    service = await site.start();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it("rotates a key that Paddle's webhook calls expiring, and leaves the rest of the file alone", async () => {
    site.paddle.warnExpiring(site.key.id);
    await retired(site);
    const active = await site.secret("ACTIVE_PADDLE_KEY");
    expect(site.paddle.isAlive(active?.reveal() ?? "")).toBe(true);
    expect(site.paddle.isAlive(site.key.secret)).toBe(false);
    expect(site.paddle.activatedRotations(site.key.id)).toBe(1);
    expect((await site.secret("REGION"))?.reveal()).toBe("eu");
    expect(site.paddle.deliveries.filter(({ status }) => status !== "delivered")).toEqual([]);
  });

  it("has Paddle issue one secret for one event", () => {
    expect(site.paddle.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("rotates again when a person asks, with the grace that the person chose", async () => {
    const url = `${service.adminUrl}/api/keys/billing-worker`;
    const answer = await asAdmin(`${url}/rotations`, {
      method: "POST",
      body: '{"mode":"graceful","graceSeconds":1}',
    });
    expect(answer.status).toBe(202);
    await until("the second rotation is over", async () => {
      // The list asks nobody but the store; the key's own page would use up the share of Paddle's limit.
      const [key] = Keys.parse(await (await asAdmin(`${service.adminUrl}/api/keys`)).json()).keys;
      return site.paddle.activatedRotations(site.key.id) === 2 && key?.state === "steady";
    });
  });

  it("tells each step of it in the queue dashboard", async () => {
    const jobs = await until("both jobs are completed", async () => {
      const board = await asAdmin(
        `${service.adminUrl}/queues/api/queues?activeQueue=rotations&status=completed`,
      );
      const rotations = Board.parse(await board.json()).queues.find(({ name }) => name === "rotations");
      return rotations?.jobs.length === 2 ? rotations.jobs : null;
    });
    const page = `${service.adminUrl}/queues/api/queues/rotations/${jobs[0]?.id}/logs`;
    const logs = Logs.parse(await (await asAdmin(page)).json());
    expect(logs.join("\n")).toMatch(
      /Staged: .*\n.*accepts the pending secret .*\n.*Promoted: .*[^]*Retired: /,
    );
    expect(jobs[0]?.progress).toBe(100);
  });

  it("stops on SIGTERM with nothing lost", async () => {
    service.kill("SIGTERM");
    expect(await service.ended).toBe(0);
    service = await site.start();
  });

  it("has put no secret into a line, a job, a record or a page", async () => {
    const seen = [await site.output()];
    for (const path of [
      "/api/keys",
      "/api/keys/billing-worker",
      "/queues/api/queues?activeQueue=rotations",
    ]) {
      seen.push(await (await asAdmin(service.adminUrl + path)).text());
    }
    if (env()["QUEUE_URL"]?.startsWith("redis:")) seen.push(await dumpRedis(inject("redisUrl")));
    const secrets = site.secrets();
    expect(secrets.length).toBeGreaterThan(4);
    expect(seen.join("").length).toBeGreaterThan(1_000);
    expect(secrets.filter((secret) => seen.some((text) => text.includes(secret)))).toEqual([]);
  });
});

/** Everything that Redis holds, as text. */
async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  await redis.config("SET", "rdbcompression", "no"); // or DUMP would hide long texts
  const parts: string[] = [];
  for (const key of await redis.keys("*"))
    parts.push(key, (await redis.dumpBuffer(key))?.toString("latin1") ?? "");
  await redis.quit();
  return parts.join("\n");
}

describe("the service whose Redis goes away", () => {
  it("answers 503 with Retry-After in time, and takes webhooks again by itself when Redis is back", async () => {
    await using redis = await startRedisServer({ args: ["--appendonly", "yes"] });
    await using site = await openSite({ env: { QUEUE_URL: redis.url } });
    const service = await site.start();
    await redis.kill();
    const body = eventBody("api_key.expiring", keyData({ id: site.key.id }));
    const startedAt = performance.now();
    const refused = await deliver(site, service, body);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(performance.now() - startedAt).toBeLessThan(PADDLE_WAITS_MS);
    expect((await fetch(`${service.publicUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.publicUrl}/livez`)).status).toBe(200);
    await redis.restart();
    await until("the webhook is taken", async () => (await deliver(site, service, body)).status === 200);
    site.paddle.warnExpiring(site.key.id);
    await retired(site);
  });

  it("is not ready where Redis may evict its jobs, and says how to mend it", async () => {
    await using redis = await startRedisServer({ args: ["--maxmemory-policy", "allkeys-lru"] });
    await using site = await openSite({ env: { QUEUE_URL: redis.url } });
    const service = await site.start({ waitUntilReady: false });
    const ready = await until("the admin listener answers", () =>
      asAdmin(`${service.adminUrl}/readyz?verbose`).catch(() => null),
    );
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain("noeviction");
  });
});

describe("one event", () => {
  it("delivered fifty times at once is one job and one rotation", async () => {
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
    });
    const service = await site.start();
    const expiresAt = new Date(site.paddle.key(site.key.id).expiresAt ?? 0).toISOString();
    const body = eventBody("api_key.expiring", keyData({ id: site.key.id, expires_at: expiresAt }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(site, service, body)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await retired(site);
    expect(site.paddle.activatedRotations(site.key.id)).toBe(1);
    expect(site.paddle.key(site.key.id).rotations).toHaveLength(1);
  });
});

describe("the service that is stopped", () => {
  it("takes a signal that comes twice at once, as Ctrl-C does under npm, for one", async () => {
    await using site = await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
    });
    const service = await site.start();
    service.kill("SIGINT");
    await until("the first has arrived", async () => !(await service.isPending("SIGINT")));
    service.kill("SIGINT");
    expect(await service.ended).toBe(0);
    const output = await site.output();
    expect(output).not.toContain("stopping at once");
    expect(output).toContain('"stopped"');
  });
});

describe("the service with a configuration that cannot be used", () => {
  it("says every fault at once and does not start", async () => {
    await using site = await openSite({ env: { QUEUE_URL: "mysql://x", PORT: "http" } });
    const service = await site.start({ waitUntilReady: false });
    expect(await service.ended).toBe(78);
    const output = await site.output();
    expect(output).toContain("QUEUE_URL");
    expect(output).toContain("PORT");
    expect(output).not.toContain(" at ");
  });
});
