/** Jobs for the dashboard to show, and all that Redis holds of them. */
import { type Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { until } from "../until.ts";

/** A job in every state that a write could change (`evt_<state>`), and a job scheduler (`reconcile`). */
export async function fill(queue: Queue, redisUrl: string): Promise<void> {
  await queue.add("rotate", { keyName: "billing" }, { jobId: "evt_failed" });
  await queue.add("rotate", { keyName: "billing" }, { jobId: "evt_completed" });
  const worker = new Worker(
    queue.name,
    (job) =>
      job.id === "evt_failed" ? Promise.reject(new Error("no")) : Promise.resolve({ result: "rotated" }),
    { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix: queue.opts.prefix ?? "bull" },
  );
  await until("both jobs have ended", async () => {
    const counts = await queue.getJobCounts("completed", "failed");
    return counts["completed"] === 1 && counts["failed"] === 1;
  });
  await worker.close();
  await queue.upsertJobScheduler("reconcile", { every: 86_400_000 }, { name: "reconcile" });
  await queue.add("rotate", { keyName: "billing" }, { jobId: "evt_waiting" });
  await queue.add("rotate", { keyName: "billing" }, { jobId: "evt_delayed", delay: 86_400_000 });
}

/** Every Redis key of a queue's prefix with its value. */
export async function contentsOf(queue: Queue, redisUrl: string): Promise<ReadonlyMap<string, string>> {
  const redis = new Redis(redisUrl);
  try {
    const keys = (await redis.keys(`${queue.opts.prefix}:*`)).toSorted();
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return new Map(keys.map((key, index) => [key, values[index]?.toString("hex") ?? ""]));
  } finally {
    redis.disconnect();
  }
}
