/**
 * Every secret is a canary, every neighbour fails and quotes what it was sent, and everything is logged: then no secret
 * is anywhere but in the stores. One run on Redis, one on PostgreSQL.
 */
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import { expect, it } from "vitest";
import { filesOf, findCanaries, type Places } from "../support/canaries.ts";
import { type CanarySite, openCanarySite, PEOPLE } from "../support/canaries-site.ts";
import { startPostgresServer } from "../support/postgres-server.ts";
import { startRedisServer } from "../support/redis-server.ts";
import type { RunningService } from "../support/service.ts";
import { until } from "../support/until.ts";

const QUEUE_PASSWORD = "canary+queue/password=0123456789";
const SOON_MS = 45_000;
const RETRY_MS = 100;
const TEST_MS = 120_000;

/** What people and programs are answered, by what they asked. */
class Answers {
  readonly places: Places = new Map();

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(url, { redirect: "manual", ...init });
    const copy = answer.clone();
    const { pathname, search } = new URL(url);
    const name = `answer ${this.places.size} to ${init.method ?? "GET"} ${pathname}${search}`;
    this.places.set(name, JSON.stringify([...copy.headers]) + (await copy.text()));
    return answer;
  }

  get(url: string, authorization?: string): Promise<Response> {
    return this.ask(url, authorization === undefined ? {} : { headers: { authorization } });
  }

  post(url: string, body: unknown, authorization: string = PEOPLE.program): Promise<Response> {
    const headers = { authorization, "content-type": "application/json" };
    return this.ask(url, { method: "POST", headers, body: JSON.stringify(body) });
  }
}

/** Everything that befalls keys, while everything fails at first. */
async function play(
  place: CanarySite,
  restartQueue: () => Promise<void>,
): Promise<{ service: RunningService; answers: Answers }> {
  const { site, folder, keys } = place;
  const { paddle } = site;
  const answers = new Answers();
  const entry = "test/support/canaries-main.ts";
  const crashed = await site.start({ entry });
  process.kill(crashed.pid, "SIGUSR2");
  expect(await crashed.ended).toBe(1);
  paddle.faults.add({ when: { path: /api-keys/ }, times: 2, do: { kind: "status", status: 500 } });
  paddle.faults.add({ when: { method: "POST", path: /rotations/ }, times: 1, do: { kind: "lose-response" } });
  paddle.faults.add({ when: { path: /api-keys/ }, times: 1, do: { kind: "reset" } });
  const service = await site.start({ entry });
  const api = `${service.adminUrl}/api/keys`;

  await chmod(site.envFile, 0o644);
  paddle.warnExpiring(site.key.id);
  paddle.expose(keys.leaked.id, { riskLevel: "low" });
  paddle.rotateAsThief(keys.stolen.secret, { graceSeconds: 3_600, activate: true });
  paddle.expireNow(keys.expired.id);

  const dead = place.spare("dead");
  paddle.revoke(dead.id, { by: "user" });
  await answers.post(`${api}/expired/replacement`, { key: dead.secret, force: true });
  await answers.post(`${api}/expired/replacement`, {
    key: place.spare("brought").secret,
    unknown: place.spare("extra").secret,
  });
  const replaced = { expired: place.spare("brought"), pages: place.spare("by form") };
  const handOver = () => answers.post(`${api}/expired/replacement`, { key: replaced.expired.secret });
  await until("the key is taken", async () => (await handOver()).status === 202, SOON_MS, RETRY_MS);
  const page = `${service.adminUrl}/keys/pages`;
  const form = await (await answers.get(page, PEOPLE.operator)).text();
  const [, token = ""] = /name="token" value="([^"]+)"/.exec(form) ?? [];
  const send = (key: string) =>
    answers.ask(`${page}/replace`, {
      method: "POST",
      headers: { authorization: PEOPLE.operator, "sec-fetch-site": "same-origin" },
      body: new URLSearchParams({ token, key, force: "yes" }),
    });
  for (const key of [dead.secret, ""]) expect((await send(key)).status).toBeGreaterThan(399);
  const sendForm = async () => (await send(replaced.pages.secret)).status === 303;
  await until("the form is taken", sendForm, SOON_MS, RETRY_MS);
  await restartQueue();
  await chmod(site.envFile, 0o600);

  const body = `{"key":"${place.spare("signed by nobody").secret}"}`;
  await answers.ask(`${service.publicUrl}/webhooks/paddle`, { method: "POST", body });
  await answers.post(`${service.publicUrl}/attestations`, { consumer: "billing", instance: site.key.secret });
  const isDead = (secret: string) => !paddle.isAlive(secret);
  await until("the leaked secret is dead", () => isDead(keys.leaked.secret), SOON_MS);
  await until("the new secret is in use", () => site.secret("OLD_PADDLE_KEY"), SOON_MS);
  await until("its consumer was told", () => place.children(), SOON_MS);
  const rolledBack = await answers.post(`${api}/billing-worker/rollback`, {});
  expect([rolledBack.status, await rolledBack.text()]).toEqual([202, expect.anything()]);
  await answers.post(`${api}/billing-worker/rotations`, { mode: "graceful", graceSeconds: 3_600 });
  for (const [name, key] of Object.entries(replaced))
    await until(`${name} is replaced`, async () => (await activeOf(folder, name)).includes(key.id), SOON_MS);
  const told = async () => (await answers.get(`${api}/stolen`, PEOPLE.program)).ok;
  await place.mailed();
  await until(
    "people were told",
    async () => (await told()) && /takeover/.test(await site.output()),
    SOON_MS,
  );
  return { service, answers };
}

async function activeOf(folder: string, name: string): Promise<string> {
  return /^ACTIVE_PADDLE_KEY=(.*)$/m.exec(await readFile(join(folder, `${name}.env`), "utf8"))?.[1] ?? "";
}

const PATHS = `/ /runbook /metrics /readyz?verbose /api/keys /api/incidents /api/plan /api/rotations?limit=200
  /api/openapi.json /queues /none/of/these`.split(/\s+/);

/** All that can be read with GET, as whoever may read it. */
async function readAll({ adminUrl, publicUrl }: RunningService, answers: Answers): Promise<void> {
  const names = ["billing-worker", "leaked", "expired", "stolen", "pages"];
  const queues = ["rotations", "emergencies", "alerts", "upkeep"];
  const states = ["active", "waiting", "delayed", "prioritized", "completed", "failed"];
  const paths = [
    ...PATHS,
    ...names.flatMap((name) => [`/keys/${name}`, `/api/keys/${name}`]),
    ...queues.flatMap((queue) =>
      states.map((status) => `/queues/api/queues?activeQueue=${queue}&status=${status}&jobsPerPage=100`),
    ),
  ];
  for (const path of paths) await answers.get(adminUrl + path, PEOPLE.program);
  for (const path of ["/", "/keys/expired", "/api/keys"]) {
    await answers.get(adminUrl + path, PEOPLE.viewer);
    await answers.get(adminUrl + path, PEOPLE.visitor);
    await answers.get(adminUrl + path);
  }
  for (const path of ["/livez", "/readyz", "/"]) await answers.get(publicUrl + path);
  const table = { authorization: PEOPLE.program, accept: "text/csv" };
  await answers.ask(`${adminUrl}/api/rotations`, { headers: table });
  const listed = [...answers.places].flatMap(([place, text]) => {
    const queue = /activeQueue=(\w+)/.exec(place)?.[1];
    return queue ? [...text.toString().matchAll(/"id":"([\w.-]+)"/g)].map(([, id]) => `${queue}/${id}`) : [];
  });
  for (const job of new Set(listed)) {
    await answers.get(`${adminUrl}/queues/api/queues/${job}`, PEOPLE.program);
    await answers.get(`${adminUrl}/queues/api/queues/${job}/logs`, PEOPLE.program);
  }
}

/** Holds every place to have something in it, and no canary; then plants some in each and finds them. */
function expectNoCanary(place: CanarySite, places: Places): void {
  const canaries = place.canaries();
  expect(canaries.size).toBeGreaterThan(24);
  for (const [name, content] of places) expect(content.length, `${name} is empty`).toBeGreaterThan(0);
  expect(findCanaries(canaries, places)).toEqual([]);
  const [[planted = "", secret = ""] = []] = canaries;
  for (const [name, content] of places) {
    const spoilt = Buffer.concat([Buffer.from(content), Buffer.from(secret), Buffer.from(content)]);
    expect(findCanaries(canaries, new Map([[name, spoilt]]))).toEqual([`${name}: ${planted} (clear)`]);
  }
}

async function placesOf(place: CanarySite, service: RunningService, answers: Answers): Promise<Places> {
  await readAll(service, answers);
  service.kill("SIGTERM");
  expect(await service.ended).toBe(0);
  const files = await filesOf("", place.folder);
  const stores = /\.env$/;
  const ours = [...files].filter(([name, content]) => !stores.test(name) && content.length > 0);
  expect(place.quoted()).toBeGreaterThan(6);
  expect(await place.site.output()).toContain("the service cannot go on");
  return new Map([
    ...answers.places,
    ...ours,
    ["what channels received", place.received()],
    ["a child", (await place.children()) ?? ""],
  ]);
}

it.concurrent(
  "no secret is in Redis, a log, a page, an answer, an alert, a metric or a child",
  { timeout: TEST_MS },
  async () => {
    await using opened = new AsyncDisposableStack();
    const dir = opened.adopt(await mkdtemp(join(tmpdir(), "canaries-redis-")), (path) =>
      rm(path, { recursive: true }),
    );
    // Nothing may be compressed, or it could not be searched: every command that Redis ever got is in the file.
    const plain = ["--appendonly", "yes", "--aof-use-rdb-preamble", "no", "--rdbcompression", "no"];
    const args = [...plain, "--requirepass", QUEUE_PASSWORD, "--auto-aof-rewrite-percentage", "0"];
    const redis = opened.use(await startRedisServer({ dir, args }));
    const url = `redis://:${encodeURIComponent(QUEUE_PASSWORD)}@127.0.0.1:${redis.port}`;
    const place = opened.use(await openCanarySite({ url, password: QUEUE_PASSWORD }));
    const { service, answers } = await play(place, () => redis.restart());
    const places = await placesOf(place, service, answers);
    const client = new Redis(url);
    opened.defer(() => client.disconnect());
    const keys = await client.keys("*");
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) places.set(`Redis ${key}`, await dumpOf(client, key));
    for (const [name, content] of await filesOf("Redis's files", dir))
      if (content.length > 0) places.set(name, content);
    expectNoCanary(place, places);
  },
);

async function dumpOf(client: Redis, key: string): Promise<string> {
  switch (await client.type(key)) {
    case "string":
      return String(await client.get(key));
    case "hash":
      return JSON.stringify(await client.hgetall(key));
    case "list":
      return JSON.stringify(await client.lrange(key, 0, -1));
    case "set":
      return JSON.stringify(await client.smembers(key));
    case "zset":
      return JSON.stringify(await client.zrange(key, "0", "-1"));
    default:
      return JSON.stringify(await client.xrange(key, "-", "+"));
  }
}

it.concurrent(
  "no secret is in PostgreSQL's tables or files, nor anywhere else",
  { timeout: TEST_MS },
  async () => {
    await using opened = new AsyncDisposableStack();
    const postgres = opened.use(await startPostgresServer());
    const url = new URL(postgres.connectionString);
    url.password = encodeURIComponent(QUEUE_PASSWORD);
    const since = Date.now();
    const place = opened.use(await openCanarySite({ url: url.href, password: QUEUE_PASSWORD }));
    const { service, answers } = await play(place, () => postgres.restart());
    const places = await placesOf(place, service, answers);
    const client = new Client(url.href);
    await client.connect();
    opened.defer(() => client.end());
    // What is in the tables may be compressed in the files.
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^(pg_|information_)'",
    );
    expect(tables.rows.length).toBeGreaterThan(5);
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(
        `select row_to_json(t)::text as row from ${name} t`,
      );
      if (rows.length > 0) places.set(`table ${name}`, rows.map(({ row }) => row).join("\n"));
    }
    const [{ data_directory: folder } = { data_directory: "" }] = (
      await client.query<{ data_directory: string }>("show data_directory")
    ).rows;
    await client.query("checkpoint");
    for (const [name, content] of await filesOf("PostgreSQL's files", folder, since))
      if (content.length > 0) places.set(name, content);
    expectNoCanary(place, places);
  },
);
