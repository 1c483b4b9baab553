/**
 * From an exposure's webhook to the death of the exposed secret, less the time that Paddle itself took to answer:
 * what the rotator adds, from the webhook's first byte to the activation, the queue and the `.env` file's fsync
 * included. Idle, and while 1,000 graceful jobs wait and every worker is busy. Beside each, the floor at the same
 * time: one hand-over by the bare queue and one small file written, flushed and renamed.
 *
 * `npm run bench -- exposure [exposures]`. The process is warm, as one that has run for a while: the first exposures after its start are not counted.
 */
import { startRedisServer } from "../test/support/redis-server.ts";
import { type Floor, openFloorOnPostgres, openFloorOnRedis } from "./exposure/floor.ts";
import type { Taken } from "./exposure/expose-once.ts";
import { openRig } from "./exposure/rig.ts";
import { percentile, table } from "./report.ts";

/** Of one key, 60 an hour are allowed. */
const MOST_EXPOSURES = 400;
const WAITING_JOBS = 1_000;
/** Milliseconds, for the 99th percentile. */
const AIM = { Redis: 40, embedded: 100 };

type Row = {
  readonly queue: keyof typeof AIM;
  readonly load: string;
  readonly taken: readonly Taken[];
  readonly floors: readonly number[];
};

export async function exposure(): Promise<void> {
  const exposures = Math.min(Number(process.argv[3] ?? 200), MOST_EXPOSURES);
  await using redis = await startRedisServer({
    args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"],
  });
  const onRedis = await measure(
    "Redis",
    { QUEUE_URL: redis.url },
    exposures,
    await openFloorOnRedis(redis.url),
  );
  const embedded = await measure("embedded", {}, exposures, await openFloorOnPostgres());
  console.log(
    `${exposures} exposures each, one after the other; milliseconds; Redis with appendonly yes.\n` +
      "The aim is for p99. The last three columns are medians of the parts; the times in which Paddle answers lie between them.",
  );
  const head = ["queue", "load", "p50", "p99", "aim", "floor p50", "floor p99"];
  console.log(
    table([...head, "to first call", "to issue", "to activation"], [...onRedis, ...embedded].map(line)),
  );
}

/** One sample of the floor after each exposure: whatever else this machine does, both meet it. */
async function measure(
  queue: Row["queue"],
  env: Record<string, string>,
  exposures: number,
  opened: Floor,
): Promise<Row[]> {
  await using floor = opened;
  const expose = async (load: string, waitingJobs: number): Promise<Row> => {
    await using rig = await openRig({ ...env, QUEUE_PREFIX: `bench_${waitingJobs}` });
    if (waitingJobs > 0) await rig.keepBusy(waitingJobs);
    const floors: number[] = [];
    const taken = await rig.expose(exposures, async () => void floors.push(await floor.sample()));
    console.log(`measured: ${queue}, ${load}`);
    return { queue, load, taken, floors };
  };
  return [await expose("idle", 0), await expose(`${WAITING_JOBS} jobs wait`, WAITING_JOBS)];
}

function line({ queue, load, taken, floors }: Row): string[] {
  const totals = taken.map(({ toFirstCall, toIssue, toActivation }) => toFirstCall + toIssue + toActivation);
  const part = (name: keyof Taken) =>
    figure(
      taken.map((one) => one[name]),
      0.5,
    );
  return [
    queue,
    load,
    figure(totals, 0.5),
    figure(totals, 0.99),
    `< ${AIM[queue]}`,
    figure(floors, 0.5),
    figure(floors, 0.99),
    part("toFirstCall"),
    part("toIssue"),
    part("toActivation"),
  ];
}

function figure(values: readonly number[], share: number): string {
  return percentile(values, share).toFixed(1);
}
