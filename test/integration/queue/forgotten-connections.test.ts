/** A network forgets the queue's connections: they stay open and carry nothing any more, and nobody says so. */
import { describe, it } from "vitest";
import type { BullProcessor } from "../../../src/queue/backend.ts";
import { workerSettings } from "../../../src/queue/worker.ts";
import { startFaultProxy } from "../../support/faults/fault-proxy.ts";
import { startPostgresServer } from "../../support/postgres-server.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork } from "./setting.ts";

/** Workers on Redis leave a silent connection after 12 s. */
const SOON_MS = 30_000;
const HOUR_MS = 3_600_000;

const servers = [
  ["Redis", async () => startRedisServer({ args: ["--maxmemory-policy", "noeviction"] }), "url"],
  ["PostgreSQL", async () => startPostgresServer(), "connectionString"],
] as const;

type Start = (typeof servers)[number][1];

/** A setting behind a proxy, on a server of its own. */
async function openBehindProxy(opened: AsyncDisposableStack, start: Start) {
  const server = opened.use(await start());
  const proxy = opened.use(await startFaultProxy(server.port));
  const address = "url" in server ? server.url : server.connectionString;
  const setting = opened.use(await openSetting(address.replace(`:${server.port}`, `:${proxy.port}`)));
  const put = () =>
    setting.put(someWork()).then(
      () => true,
      () => false,
    );
  const forget = () => {
    proxy.strike("black hole");
    proxy.heal();
  };
  const putSoon = () => until("the queue takes work", put, SOON_MS);
  return { setting, forget, putSoon };
}

describe("a worker whose connections a network forgets", () => {
  it.concurrent.each(servers)("takes work again within seconds, on %s", async (_name, start) => {
    await using opened = new AsyncDisposableStack();
    const { setting, forget, putSoon } = await openBehindProxy(opened, start);
    let runs = 0;
    await setting.work(async () => {
      runs += 1;
      // With a job that is due much later, nothing but a new one wakes the worker.
      return { kind: "wait", at: Date.now() + HOUR_MS, why: "its grace lasts" };
    });
    const { rotations } = setting.backend.queues;
    for (const count of [1, 2]) {
      await putSoon();
      await until("the job waits", async () => (await rotations.getJobCountByTypes("delayed")) === count);
    }
    forget();
    await putSoon();
    await until("the new job runs", () => runs > 2, SOON_MS);
  });

  it.concurrent.each(servers)("as soon as it has started works all the same, on %s", async (_name, start) => {
    await using opened = new AsyncDisposableStack();
    const { setting, forget, putSoon } = await openBehindProxy(opened, start);
    let runs = 0;
    const process: BullProcessor = async (_job, _token, _signal) => (runs += 1);
    const settings = workerSettings(1, () => 0);
    const worker = await setting.backend.startWorker("rotations", process, settings);
    opened.defer(() => worker.close(true));
    // Before its first question is answered.
    forget();
    // The first may be found without being woken.
    for (const count of [1, 2]) {
      await putSoon();
      await until("the job runs", () => runs >= count, SOON_MS);
    }
  });
});
