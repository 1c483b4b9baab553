/**
 * The memory of one process on Redis, from idle through work to idle again, beside that of the floor, which takes the
 * same webhooks. Rotations are real ones of 100 keys, of which each is exposed once; the simulated Paddle is in this process.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { eventBody, exposureData, keyData } from "../test/support/paddle-simulator/events.ts";
import { type PaddleSimulator, startPaddleSimulator } from "../test/support/paddle-simulator/start.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { until } from "../test/support/until.ts";
import { post } from "./exposure/expose-once.ts";
import { startFloor } from "./floor-process.ts";
import { rssMbOf } from "./process-figures.ts";
import { table } from "./report.ts";
import { startConfigured } from "./servers.ts";

const WEBHOOKS = 2_000;
const AT_ONCE = 20;
const KEYS = 100;
const IDLE_MS = 12_000;
/** The service looks once a minute whether it has been quiet for one. */
const IDLE_AGAIN_MS = 130_000;
/** Most of it is waiting for leave to call Paddle: four calls each, 240 a minute. */
const ROTATED_WITHIN_MS = 300_000;
const AIM_MB = 110;

export async function memory(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-bench-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const redis = opened.use(
    await startRedisServer({ args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"] }),
  );
  const paddle = opened.use(await startPaddleSimulator({ switches: { requestsPerMinute: null } }));
  const keys = await createKeys(paddle, folder);
  const env = { QUEUE_URL: redis.url, PADDLE_API_URL: paddle.url, PADDLE_REQUESTS_PER_MINUTE: "240" };
  const startBoth = async (owner: AsyncDisposableStack) => ({
    rotator: await startConfigured(owner, folder, env),
    floor: await startFloor(owner, redis.url),
  });
  {
    // Not counted: it compiles, and what compiles stays in memory.
    await using first = new AsyncDisposableStack();
    await startBoth(first);
    await pause(IDLE_MS);
  }
  const { rotator, floor } = await startBoth(opened);

  const rows: string[][] = [];
  const note = (when: string) => {
    const [ours, least] = [rssMbOf(rotator.pid), rssMbOf(floor.pid)];
    rows.push([when, ours.toFixed(0), least.toFixed(0), (ours / least).toFixed(2)]);
  };
  await pause(IDLE_MS);
  note(`idle for ${IDLE_MS / 1000} s`);
  await Promise.all([load(rotator.url), load(floor.url)]);
  note(`after ${WEBHOOKS} webhooks`);
  await rotateAll(keys, rotator.url);
  note(`after ${KEYS} rotations`);
  await pause(IDLE_AGAIN_MS);
  note(`idle for ${IDLE_AGAIN_MS / 1000} s again`);
  console.log(
    `Resident memory in MB; aim when idle: ${AIM_MB}. The floor takes the webhooks and rotates nothing.`,
  );
  console.log(table(["when", "rotator", "floor", "ratio"], rows));
}

type Key = { readonly id: string; readonly secret: string; readonly file: string };

async function createKeys(paddle: PaddleSimulator, folder: string): Promise<Key[]> {
  const keys = Array.from({ length: KEYS }, (_, index) => ({
    ...paddle.createKey({ name: `key-${index}` }),
    file: join(folder, `key-${index}.env`),
  }));
  await Promise.all(
    keys.map(({ secret, file }) => writeFile(file, `ACTIVE_PADDLE_KEY=${secret}\n`, { mode: 0o600 })),
  );
  const entries = keys.map(
    (_, index) => `  - name: key-${index}\n    store: { type: env-file, path: ./key-${index}.env }\n`,
  );
  await writeFile(join(folder, "rotator.yaml"), `keys:\n${entries.join("")}`);
  return keys;
}

/** About one key that nobody manages: each event is a job or an answer, and no rotation. */
async function load(url: string): Promise<void> {
  let left = WEBHOOKS;
  const send = async () => {
    while (left > 0) {
      left -= 1;
      await post(url, eventBody("api_key.expiring", keyData()));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
}

async function rotateAll(keys: readonly Key[], url: string): Promise<void> {
  for (const { id } of keys)
    await post(
      url,
      eventBody("api_key_exposure.created", exposureData({ api_key_id: id, action_taken: "none" })),
    );
  const isRotated = async ({ secret, file }: Key) =>
    !(await readFile(file, "utf8")).includes(`ACTIVE_PADDLE_KEY=${secret}`);
  await until(
    "every key has a new secret",
    async () => (await Promise.all(keys.map(isRotated))).every(Boolean),
    ROTATED_WITHIN_MS,
    500,
  );
}
