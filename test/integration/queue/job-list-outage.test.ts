/** A queue that is away while somebody looks at its jobs: they are told within 3 s, and it comes back by itself. */
import { describe, expect, it } from "vitest";
import { createJobList } from "../../../src/queue/job-list.ts";
import { startPostgresServer } from "../../support/postgres-server.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork } from "./setting.ts";

/** 3 s, and what a busy machine adds. */
const IN_TIME_MS = 4_500;

const servers = [
  ["Redis", async () => startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] })],
  ["PostgreSQL", async () => startPostgresServer()],
] as const;

describe.each(servers)("the list of jobs of a killed %s", (_name, start) => {
  it("says within 3 s that it cannot be had, and has every job when the server is back", async () => {
    await using server = await start();
    await using setting = await openSetting("url" in server ? server.url : server.connectionString);
    const work = someWork();
    await setting.put(work);
    const jobs = createJobList(setting.backend);
    await server.kill();
    const startedAt = performance.now();
    await expect(jobs.unfinished()).rejects.toMatchObject({
      name: "QueueError",
      effect: "none",
      retry: "later",
      message: expect.stringMatching(/^the queue does not say what it has to do: /),
    });
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    await server.restart();
    const listed = await until("the jobs are listed again", () => jobs.unfinished().catch(() => null));
    expect(listed.map((job) => job.work)).toEqual([work]);
  });
});
