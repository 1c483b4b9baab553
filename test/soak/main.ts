/**
 * `npm run soak -- [days] [keys] [seed]`: a year of 50 keys with accidents every day, in minutes: no invariant is broken,
 * every incident ends, the memory stays flat. `npm run soak -- queue [jobs]`: what as many jobs in each queue leave on a
 * real Redis. `npm run soak -- records [days] [keys]`: what the records would hold there if nothing were forgotten.
 */
import { Redis } from "ioredis";
import type { Forgetting } from "../../src/core/ports.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { compressFading, endFading, heapAfterCollection } from "./heap.ts";
import { KeptRecords, sizesOnRedis } from "./kept-records.ts";
import { measureQueues, type QueueSize } from "./queue-size.ts";
import { soak } from "./soak.ts";

const MOST_GROWTH = 0.1;
const SHOWN = 50;
const YEAR = 365;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const mega = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

async function year(days: number, keys: number, seed: number): Promise<boolean> {
  const started = performance.now();
  const heaps: (number | null)[] = [];
  const quarter = Math.max(1, Math.floor(days / 4));
  let [mostKept, recordsKept] = [0, 0];
  const { site, wrong } = await soak({
    days,
    keys,
    seed,
    onDay: async (day, at) => {
      endFading();
      mostKept = Math.max(mostKept, at.queue.kept + at.alertQueue.kept);
      if (day % quarter !== 0 || day > 4 * quarter) return;
      heaps.push(await heapAfterCollection());
      recordsKept = (await Promise.all(KINDS.map((kind) => count(at.records, kind)))).reduce(
        (a, b) => a + b,
        0,
      );
      const heap = heaps.at(-1);
      const took = Math.round((performance.now() - started) / 1_000);
      say(
        `day ${day}: ${took} s, ${at.runs} runs, ${recordsKept} marks kept, heap ${heap ? mega(heap) : "not measured"}`,
      );
    },
  });
  const { runs, sweeps, crashes, raised, post } = site;
  say(
    `${days} days of ${keys} keys, seed ${seed}: ${runs} runs of jobs, ${sweeps} sweeps, ${crashes} crashes and lost answers, ` +
      `${post.delivered} webhooks taken, ${post.lost} lost, ${raised} alerts raised, at most ${mostKept} jobs kept`,
  );
  for (const what of wrong.slice(0, SHOWN)) say(`  ${what}`);
  say(`${wrong.length} breaks`);
  const [first, last] = [heaps[0], heaps.at(-1)];
  const growth = first && last ? last / first - 1 : 0;
  if (first && last) say(`heap: ${(100 * growth).toFixed(1)} % more than at the end of the first quarter`);
  return wrong.length === 0 && growth < MOST_GROWTH;
}

const KINDS = [
  "incidents",
  "incidents-over",
  "incident-channels",
  "alert-log",
  "first-seen",
  "consumers-told",
];

async function count(records: Forgetting, kind: string, from: string | null = null): Promise<number> {
  const { records: found, next } = await records.scan(kind, from);
  return found.length + (next === null ? 0 : await count(records, kind, next));
}

async function queues(jobs: number): Promise<boolean> {
  const measured: QueueSize[] = [];
  await measureQueues(jobs, 5, (size) => {
    measured.push(size);
    say(`${size.enqueued} jobs done, ${size.kept} kept, Redis ${mega(size.bytes)}`);
  });
  const [before, last] = measured.slice(-2);
  return before !== undefined && last !== undefined && last.bytes < before.bytes * (1 + MOST_GROWTH);
}

async function sizes(days: number, keys: number): Promise<boolean> {
  await using server = await startRedisServer();
  const redis = new Redis(server.url);
  const kept = new KeptRecords();
  await soak({ days, keys, seed: 2026, kept, onDay: endFading });
  for (const { family, names, entries, bytes } of await sizesOnRedis(redis, kept))
    say(`${family}: ${entries} in ${names}, ${Math.ceil(bytes / 1_000)} kB`);
  redis.disconnect();
  return true;
}

compressFading();
const [first = "", ...rest] = process.argv.slice(2);
const isGood =
  first === "queue"
    ? await queues(Number(rest[0] ?? 15_000))
    : first === "records"
      ? await sizes(Number(rest[0] ?? YEAR), Number(rest[1] ?? 50))
      : await year(Number(first || YEAR), Number(rest[0] ?? 50), Number(rest[1] ?? 2_026));
process.exitCode = isGood ? 0 : 1;
