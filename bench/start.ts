/** From the start of the process to ready, and the memory it then holds, on Redis and on the embedded queue. */
import { readFile } from "node:fs/promises";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startRedisServer } from "../test/support/redis-server.ts";
import { median, table } from "./report.ts";
import { startRotator } from "./servers.ts";

const RUNS = 5;
const IDLE_MS = 5_000;

type Run = { readonly readyMs: number; readonly rssMb: number };

export async function start(): Promise<void> {
  await using redis = await startRedisServer({
    args: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"],
  });
  const onRedis = await measure({ QUEUE_URL: redis.url });
  const embedded = await measure({});
  console.log(
    `${RUNS} starts each after one that is not counted (it initialises), medians; memory after ${IDLE_MS / 1000} s idle`,
  );
  console.log(
    table(
      ["queue", "ready ms", "RSS MB"],
      [
        ["Redis", ...figures(onRedis)],
        ["embedded", ...figures(embedded)],
      ],
    ),
  );
}

async function measure(env: Record<string, string>): Promise<Run[]> {
  const folder = await mkdtemp(join(tmpdir(), "rotator-bench-"));
  // The embedded PostgreSQL runs as a user of its own and must get through to its data.
  await chmod(folder, 0o755);
  const runs: Run[] = [];
  try {
    for (let run = 0; run <= RUNS; run += 1) {
      await using opened = new AsyncDisposableStack();
      const startedAt = performance.now();
      const { pid } = await startRotator(opened, folder, env);
      const readyMs = performance.now() - startedAt;
      await pause(IDLE_MS);
      if (run > 0) runs.push({ readyMs, rssMb: await rssOf(pid) });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return runs;
}

/** Linux: resident memory in megabytes. */
async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

function figures(runs: readonly Run[]): string[] {
  return [
    median(runs.map(({ readyMs }) => readyMs)).toFixed(0),
    median(runs.map(({ rssMb }) => rssMb)).toFixed(0),
  ];
}
