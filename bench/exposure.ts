/**
 * From an exposure's webhook to the death of the exposed secret, less the time that Paddle itself took to answer:
 * what the rotator adds, from the webhook's first byte to the activation, the queue and the `.env` file's fsync
 * included. Idle, and while 1,000 graceful jobs wait and every worker is busy. Beside it, in the same run, the floor:
 * one hand-over by the bare queue and one small file written, flushed and renamed.
 */
import { startRedisServer } from "../test/support/redis-server.ts";
import { type Floor, openFloorOnPostgres, openFloorOnRedis } from "./exposure/floor.ts";
import type { Taken } from "./exposure/expose-once.ts";
import { openRig } from "./exposure/rig.ts";
import { percentile, table } from "./report.ts";

const EXPOSURES = 200;
const WAITING_JOBS = 1_000;
/** Milliseconds, for the 99th percentile. */
const AIM = { Redis: 40, embedded: 100 };

type Row = {
  readonly queue: keyof typeof AIM;
  readonly load: string;
  readonly ms: readonly number[];
  readonly parts?: readonly Taken[];
};

export async function exposure(): Promise<void> {
  await using redis = await startRedisServer({
    args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"],
  });
  const onRedis = await measure("Redis", { QUEUE_URL: redis.url }, await openFloorOnRedis(redis.url));
  const embedded = await measure("embedded", {}, await openFloorOnPostgres());
  console.log(
    `${EXPOSURES} exposures each, one after the other; milliseconds; Redis with appendonly yes; parts are medians`,
  );
  const head = ["queue", "load", "p50", "p99", "aim", "to first call", "to issue", "to activation"];
  console.log(table(head, [...onRedis, ...embedded].map(line)));
}

/** One sample of the floor after each exposure: whatever else this machine does, both meet it. */
async function measure(queue: Row["queue"], env: Record<string, string>, opened: Floor): Promise<Row[]> {
  await using floor = opened;
  const floors: number[] = [];
  const expose = async (waitingJobs: number) => {
    await using rig = await openRig({ ...env, QUEUE_PREFIX: `bench_${waitingJobs}` });
    if (waitingJobs > 0) await rig.keepBusy(waitingJobs);
    return await rig.expose(EXPOSURES, async () => void floors.push(await floor.sample()));
  };
  const idle = await expose(0);
  const busy = await expose(WAITING_JOBS);
  return [
    { queue, load: "idle", ms: idle.map(total), parts: idle },
    { queue, load: `${WAITING_JOBS} jobs wait`, ms: busy.map(total), parts: busy },
    { queue, load: "floor", ms: floors },
  ];
}

function line({ queue, load, ms, parts }: Row): string[] {
  const [p50, p99] = [percentile(ms, 0.5).toFixed(1), percentile(ms, 0.99).toFixed(1)];
  if (!parts) return [queue, load, p50, p99];
  const part = (name: keyof Taken) =>
    percentile(
      parts.map((taken) => taken[name]),
      0.5,
    ).toFixed(1);
  return [
    queue,
    load,
    p50,
    p99,
    `< ${AIM[queue]}`,
    part("toFirstCall"),
    part("toIssue"),
    part("toActivation"),
  ];
}

function total({ toFirstCall, toIssue, toActivation }: Taken): number {
  return toFirstCall + toIssue + toActivation;
}
