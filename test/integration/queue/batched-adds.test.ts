/** On PostgreSQL, many who put work at once share a statement, and nothing else. */
import { setImmediate as endOfTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { QueueError } from "../../../src/core/errors.ts";
import type { Work } from "../../../src/core/work.ts";
import { createWorkQueue } from "../../../src/queue/work-queue.ts";
import { type PostgresServer, startPostgresServer } from "../../support/postgres-server.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";
import { openSetting, type Setting, someWork } from "./setting.ts";

const some = (count: number): Work[] => Array.from({ length: count }, () => someWork());
const withId = (id: string): Work => {
  const work = someWork();
  return { ...work, intent: { ...work.intent, id } };
};
/** All in one turn, as the webhooks of many connections are. */
const putAll = ({ backend }: Setting, works: readonly Work[]) => {
  const queue = createWorkQueue(backend);
  return Promise.allSettled(works.map((work) => queue.put(work)));
};
const failures = (results: readonly PromiseSettledResult<void>[]) =>
  results.flatMap((result, index) => (result.status === "rejected" ? [index] : []));

describe("work that is put in one turn", () => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await openSetting(inject("postgresUrl"));
  });
  afterEach(() => setting[Symbol.asyncDispose]());

  const count = () => setting.backend.queues.rotations.getJobCountByTypes("waiting");

  it("goes to the server in one statement", async () => {
    const { rotations } = setting.backend.queues;
    const sizes: number[] = [];
    const addBulk = rotations.addBulk.bind(rotations);
    rotations.addBulk = (jobs) => {
      sizes.push(jobs.length);
      return addBulk(jobs);
    };
    expect(failures(await putAll(setting, some(50)))).toEqual([]);
    expect(sizes).toEqual([50]);
    expect(await count()).toBe(50);
  });

  it("is all kept but for the one whose id the queue refuses", async () => {
    const [before, after] = [some(5), some(5)];
    const works = [...before, withId("evt:1"), withId("17"), ...after];
    const results = await putAll(setting, works);
    expect(failures(results)).toEqual([5, 6]);
    expect(results[5]).toMatchObject({
      reason: { cause: { message: expect.stringContaining("cannot contain") } },
    });
    expect(await count()).toBe(10);
  });

  it("is all kept but for the one whose data the server refuses", async () => {
    const bad = { ...someWork(), keyName: "PostgreSQL has no \u0000 in its JSON" };
    const results = await putAll(setting, [...some(5), bad, ...some(5)]);
    expect(failures(results)).toEqual([5]);
    expect(await count()).toBe(10);
  });

  it("is one job where it is the same work, and everybody is answered", async () => {
    const [one, other] = [someWork(), someWork()];
    expect(failures(await putAll(setting, [one, other, one, one, other]))).toEqual([]);
    expect(await count()).toBe(2);
  });

  it("is answered for, one way or the other, when the service closes at that moment", async () => {
    const put = putAll(setting, some(20));
    await endOfTurn();
    await setting.backend[Symbol.asyncDispose]();
    const results = await put;
    const lost = failures(results).map((index) => results[index]);
    expect(lost.every((one) => one?.status === "rejected" && one.reason instanceof QueueError)).toBe(true);
  });
});

it("two instances that put the same work at once, each in its own order, never stop each other", async () => {
  const prefix = uniquePrefix();
  await using one = await openSetting(inject("postgresUrl"), prefix);
  await using other = await openSetting(inject("postgresUrl"), prefix);
  for (let round = 0; round < 10; round += 1) {
    const works = some(100);
    const results = await Promise.all([putAll(one, works), putAll(other, works.toReversed())]);
    expect(results.map(failures)).toEqual([[], []]);
  }
  expect(await one.backend.queues.rotations.getJobCountByTypes("waiting")).toBe(1_000);
});

describe("a server that hangs while work is put, and then dies", () => {
  let server: PostgresServer;
  beforeEach(async () => {
    server = await startPostgresServer();
  });
  afterEach(() => server.stop());

  it("keeps nobody waiting, and the same work put again is one job each", async () => {
    await using setting = await openSetting(server.connectionString);
    const works = some(50);
    expect(failures(await putAll(setting, some(5)))).toEqual([]);
    await server.suspend();
    expect(failures(await putAll(setting, works))).toHaveLength(50);
    await server.kill();
    await server.restart();
    await until("the work is put", async () => failures(await putAll(setting, works)).length === 0);
    expect(await setting.backend.queues.rotations.getJobCountByTypes("waiting")).toBe(55);
  });
});
