/**
 * Whole rotations with grace 0: from the webhook `api_key.expiring` until the new secret is the active one in its
 * `.env` file and the former one, dead, is out of it: `npm run bench -- rotation [keys]`. One after the other, and all
 * at once. The floor makes the same calls to the same Paddle by plain `fetch`, and writes the same files as durably,
 * without a queue, a journal, or a look whether anybody else is at it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventBody, keyData } from "../test/support/paddle-simulator/events.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../test/support/paddle-simulator/start.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { until } from "../test/support/until.ts";
import { writeDurably } from "./durable.ts";
import { post } from "./exposure/expose-once.ts";
import { median, table } from "./report.ts";
import { startConfigured, temporaryFolder } from "./servers.ts";

const DAY_MS = 86_400_000;
const EXPIRES_IN_MS = 20 * DAY_MS;
/** A rotation is some 10 calls, and Paddle allows 240 a minute. */
const MOST_KEYS = 8;

type Key = { readonly id: string; readonly secret: string; readonly file: string };
/** Milliseconds from the webhook until the new secret is the active one, and until the former one is out of the file. */
type Taken = { readonly active: number; readonly retired: number };
type Rotate = (key: Key) => Promise<Taken>;

export async function rotation(): Promise<void> {
  const count = Math.min(Number(process.argv[3] ?? MOST_KEYS), MOST_KEYS);
  await using redis = await startRedisServer({
    args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"],
  });
  const onRedis = await measure(count, { QUEUE_URL: redis.url });
  const embedded = await measure(count, {});
  console.log(
    `${count} keys each, grace 0; milliseconds for one rotation, and for all at once; Redis with appendonly yes`,
  );
  const head = ["queue", "until", "one, p50", "floor", "ratio", "all at once", "floor", "ratio"];
  console.log(
    table(head, [...onRedis.map((row) => ["Redis", ...row]), ...embedded.map((row) => ["embedded", ...row])]),
  );
}

async function measure(count: number, env: Record<string, string>): Promise<string[][]> {
  await using opened = new AsyncDisposableStack();
  const folder = await temporaryFolder(opened);
  const paddle = opened.use(await startPaddleSimulator({ switches: { requestsPerMinute: null } }));
  const keys = await Promise.all(
    Array.from({ length: 4 * count }, (_, index) => newKey(paddle, folder, index)),
  );
  const [one = [], all = [], floorOne = [], floorAll = []] = [0, 1, 2, 3].map((part) =>
    keys.slice(part * count, (part + 1) * count),
  );
  const managed = [...one, ...all];
  await writeFile(join(folder, "rotator.yaml"), `keys:\n${managed.map(entry).join("")}`);
  const { url } = await startConfigured(opened, folder, {
    PADDLE_API_URL: paddle.url,
    PADDLE_REQUESTS_PER_MINUTE: "240",
    ...env,
  });
  // The sweep at the start asks about every key.
  await until("the sweep has asked", () =>
    managed.every(({ id }) => paddle.requests.some(({ path }) => path.includes(id))),
  );
  const rotate: Rotate = (key) => rotateByWebhook(key, url, paddle);
  const plainly: Rotate = (key) => rotatePlainly(key, paddle);
  const [single, floorSingle]: [Taken[], Taken[]] = [[], []];
  for (const [index, key] of one.entries()) {
    single.push(await rotate(key));
    const beside = floorOne[index];
    if (beside) floorSingle.push(await plainly(beside));
  }
  const together = await Promise.all(all.map(rotate));
  const floorTogether = await Promise.all(floorAll.map(plainly));
  return (["active", "retired"] as const).map((end) => {
    const of = (taken: readonly Taken[]) => taken.map((times) => times[end]);
    return [
      end,
      ...compared(median(of(single)), median(of(floorSingle))),
      ...compared(Math.max(...of(together)), Math.max(...of(floorTogether))),
    ];
  });
}

function compared(ours: number, floor: number): string[] {
  return [ours.toFixed(0), floor.toFixed(0), (ours / floor).toFixed(1)];
}

async function rotateByWebhook(
  { id, secret, file }: Key,
  url: string,
  paddle: PaddleSimulator,
): Promise<Taken> {
  const startedAt = performance.now();
  const { expiresAt } = paddle.key(id);
  const data = keyData({ id, expires_at: new Date(expiresAt ?? 0).toISOString() });
  await post(url, eventBody("api_key.expiring", data));
  const content = () => readFile(file, "utf8");
  await until("the new secret is the active one", async () => !isActive(secret, await content()));
  const active = performance.now() - startedAt;
  await until("the former secret is out of the file", async () => !(await content()).includes(secret));
  const retired = performance.now() - startedAt;
  if (paddle.activatedRotations(id) !== 1)
    throw new Error(`${paddle.activatedRotations(id)} rotations were activated`);
  return { active, retired };
}

/** The rotator's own calls and writes, in its order. */
async function rotatePlainly({ id, secret, file }: Key, paddle: PaddleSimulator): Promise<Taken> {
  const ask = async (by: string, body?: object) => {
    const path = body ? `/api-keys/${id}/rotations` : `/api-keys/${id}`;
    const answer = await fetch(`${paddle.url}${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${by}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const startedAt = performance.now();
  await ask(secret);
  const newExpiry = new Date(Date.now() + 90 * DAY_MS).toISOString();
  const { text } = await ask(secret, { grace_period_seconds: 0, new_key_expires_at: newExpiry });
  const issued = /"(pdl_[^"*]+)"/.exec(text)?.[1];
  if (issued === undefined) throw new Error("Paddle issued no secret");
  await writeDurably(file, `ACTIVE_PADDLE_KEY=${secret}\nPENDING_PADDLE_KEY=${issued}\n`);
  await ask(issued);
  await writeDurably(file, `ACTIVE_PADDLE_KEY=${issued}\nOLD_PADDLE_KEY=${secret}\n`);
  const active = performance.now() - startedAt;
  const { status } = await ask(secret);
  if (status !== 403) throw new Error(`Paddle answered the former secret with ${status}`);
  await writeDurably(file, `ACTIVE_PADDLE_KEY=${issued}\n`);
  return { active, retired: performance.now() - startedAt };
}

function isActive(secret: string, text: string): boolean {
  return text.includes(`ACTIVE_PADDLE_KEY=${secret}`);
}

async function newKey(paddle: PaddleSimulator, folder: string, index: number): Promise<Key> {
  const { id, secret } = paddle.createKey({ name: `key-${index}`, expiresAt: Date.now() + EXPIRES_IN_MS });
  const file = join(folder, `key-${index}.env`);
  await writeFile(file, `ACTIVE_PADDLE_KEY=${secret}\n`, { mode: 0o600 });
  return { id, secret, file };
}

function entry({ file }: Key, index: number): string {
  return `  - name: key-${index}\n    store: { type: env-file, path: ${file} }\n    rotation: { grace: 0s }\n`;
}
