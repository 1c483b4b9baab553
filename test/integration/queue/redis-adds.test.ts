/** On Redis, many who put work at once share a write and a question, and nothing else. */
import { Redis } from "ioredis";
import { expect, inject, it } from "vitest";
import { createWorkQueue } from "../../../src/queue/work-queue.ts";
import type { Work } from "../../../src/core/work.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";
import { openSetting, someWork } from "./setting.ts";

const withId = (work: Work, id: string): Work => ({ ...work, intent: { ...work.intent, id } });

// So on Redis a job that fails while its work is put again is found, without a round trip of its own.
it("work that is put at the same time is added first, and then one question asks whether any job has failed", async () => {
  const prefix = uniquePrefix();
  await using setting = await openSetting(inject("redisUrl"), prefix);
  await setting.put(someWork()); // BullMQ's scripts are loaded with their first use.
  await using seen = await monitor(`${prefix}:rotations:`);
  await Promise.all([someWork(), someWork(), someWork()].map((work) => setting.put(work)));
  await until("the question is seen", () => seen.commands.includes("zcard"));
  const asked = seen.commands.filter((command) => command === "evalsha" || command === "zcard");
  expect(asked).toEqual(["evalsha", "evalsha", "evalsha", "zcard"]);
});

it("work whose id the queue refuses costs nobody else an answer", async () => {
  await using setting = await openSetting(inject("redisUrl"));
  const queue = createWorkQueue(setting.backend);
  const works = [someWork(), withId(someWork(), "evt:1"), someWork()];
  const results = await Promise.allSettled(works.map((work) => queue.put(work)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { name: "QueueError", retry: "later" } });
});

/** The commands about this prefix that the server gets, in its order. */
async function monitor(prefix: string) {
  const client = new Redis(inject("redisUrl"));
  const watching = await client.monitor();
  const commands: string[] = [];
  watching.on("monitor", (_time: string, [command = "", ...args]: string[], source: string) => {
    if (source !== "lua" && args.some((arg) => arg.startsWith(prefix))) commands.push(command.toLowerCase());
  });
  return {
    commands,
    async [Symbol.asyncDispose]() {
      watching.disconnect();
      client.disconnect();
    },
  };
}
