/**
 * From the start of the process to ready: time, the processor's time, and the memory that it then holds. Beside the
 * floor, which takes turns with the service; and on the embedded queue, whose PostgreSQL is not counted.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startRedisServer } from "../test/support/redis-server.ts";
import { startFloor } from "./floor-process.ts";
import { cpuMsOf, rssMbOf } from "./process-figures.ts";
import { median, table } from "./report.ts";
import { type Server, startRotator } from "./servers.ts";

const RUNS = 5;
/** The service tidies up after its start. */
const IDLE_MS = 12_000;
const AIM = { readyMs: 1_000, rssMb: 110 };

type Run = { readonly readyMs: number; readonly cpuMs: number; readonly rssMb: number };
type Start = (opened: AsyncDisposableStack) => Promise<Server>;

export async function start(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(
    await startRedisServer({ args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"] }),
  );
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-bench-")), (path) =>
    rm(path, { recursive: true }),
  );
  // The embedded PostgreSQL runs as a user of its own and must get through to its data.
  await chmod(folder, 0o755);
  const [onRedis, floor, embedded] = await measure([
    (owner) => startRotator(owner, folder, { QUEUE_URL: redis.url }),
    (owner) => startFloor(owner, redis.url),
    (owner) => startRotator(owner, folder, {}),
  ]);
  console.log(
    `${RUNS} starts each after one that is not counted (it compiles), medians; memory after ${IDLE_MS / 1000} s idle. ` +
      `Aims on Redis: ready within ${AIM.readyMs} ms, ${AIM.rssMb} MB.`,
  );
  console.log(
    table(
      ["", "ready ms", "/ floor", "CPU ms", "/ floor", "RSS MB", "/ floor"],
      [
        ["floor", ...line(floor, floor)],
        ["rotator on Redis", ...line(onRedis, floor)],
        ["rotator, embedded queue", ...line(embedded, floor)],
      ],
    ),
  );
}

async function measure(starts: readonly Start[]): Promise<Run[][]> {
  const runs: Run[][] = starts.map(() => []);
  for (let round = 0; round <= RUNS; round += 1)
    for (const [index, startOne] of starts.entries()) {
      const run = await measureOnce(startOne);
      if (round > 0) runs[index]?.push(run);
    }
  return runs;
}

async function measureOnce(startOne: Start): Promise<Run> {
  await using opened = new AsyncDisposableStack();
  const startedAt = performance.now();
  const { pid } = await startOne(opened);
  const readyMs = performance.now() - startedAt;
  const cpuMs = cpuMsOf(pid);
  await pause(IDLE_MS);
  return { readyMs, cpuMs, rssMb: rssMbOf(pid) };
}

function line(runs: readonly Run[] = [], floor: readonly Run[] = []): string[] {
  return (["readyMs", "cpuMs", "rssMb"] as const).flatMap((figure) => {
    const of = (some: readonly Run[]) => median(some.map((run) => run[figure]));
    return [of(runs).toFixed(0), (of(runs) / of(floor)).toFixed(2)];
  });
}
