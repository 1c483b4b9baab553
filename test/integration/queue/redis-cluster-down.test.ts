/** A Redis Cluster that is not there yet, or down for longer than a worker waits for a job, as until a replica takes over. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RedisServer, startRedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork, untilTaken } from "./setting.ts";

// One node is enough: it calls the Cluster down while one slot is nobody's, and up again at once.
const CLUSTER = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"];
/** BullMQ names a worker's connections so. */
const NAME = Buffer.from("rotations").toString("base64");

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedisServer({ args: CLUSTER });
  redis = new Redis(server.url);
  redis.on("error", () => {}); // The first test takes the server away.
  await redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await untilItIs("ok");
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe("a worker on a Redis Cluster", () => {
  it("runs its jobs as soon as the Cluster is there, though it was started before", async () => {
    await server.kill();
    await using setting = await openSetting(`redis+cluster://127.0.0.1:${server.port}`);
    const ran = new Set<string>();
    await setting.work(async ({ intent }) => {
      ran.add(intent.id);
      return { kind: "done", result: "rotated", summary: "It is rotated." };
    });
    await expect(setting.put(someWork())).rejects.toMatchObject({ name: "QueueError", retry: "later" });
    expect(await setting.backend.health()).toMatchObject({
      detail: expect.stringMatching(/^Redis does not answer/),
    });
    await server.restart();
    const work = someWork();
    await untilTaken(setting, work);
    await until("it is run", () => ran.has(work.intent.id));
  });

  it("goes on once the Cluster is up again, though it has connected anew in vain meanwhile", async () => {
    await using setting = await openSetting(`redis+cluster://127.0.0.1:${server.port}`);
    let runs = 0;
    await setting.work(async () => {
      runs += 1;
      // A worker that knows when its next job is due waits for others until then, and leaves its connection 1 s later.
      return runs === 1
        ? { kind: "wait", at: Date.now() + 1_500, why: "it is too early" }
        : { kind: "done", result: "rotated", summary: "It is rotated." };
    });
    await setting.put(someWork());
    await until(
      "the job waits",
      async () => (await setting.backend.queues.rotations.getDelayedCount()) === 1,
    );
    // Its last command says that from before the job, too: it is waiting when the server holds the answer back.
    const first = await until(
      "the worker waits for jobs",
      async () => (await connectionsThat("bzpopmin", "b"))[0],
    );
    await redis.call("CLUSTER", "DELSLOTS", "0");
    await untilItIs("fail");
    await until("it asks on another connection", async () =>
      (await connectionsThat("bzpopmin|cluster\\|info")).find((id) => id !== first),
    );
    await redis.call("CLUSTER", "ADDSLOTS", "0");
    await until("the job is run", () => runs === 2);
  });
});

async function untilItIs(state: string): Promise<void> {
  await until(`the Cluster is ${state}`, async () => {
    const info = String(await redis.call("CLUSTER", "INFO"));
    return info.includes(`cluster_state:${state}`);
  });
}

/** Those of the worker whose last command was this and that have this flag, by their ids. */
async function connectionsThat(command: string, flag = ""): Promise<readonly string[]> {
  const list = String(await redis.client("LIST"));
  const isOne = new RegExp(`^id=(\\d+) .* name=\\S*:${NAME} .* flags=\\S*${flag}\\S* .* cmd=(?:${command}) `);
  return list.split("\n").flatMap((line) => isOne.exec(line)?.[1] ?? []);
}
