/** What the queue has to do, as people are shown it, on each server that can hold it. */
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { PaddleError } from "../../../src/core/errors.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import type { Processor } from "../../../src/core/ports.ts";
import { createJobList } from "../../../src/queue/job-list.ts";
import { createWorkQueue } from "../../../src/queue/work-queue.ts";
import { until } from "../../support/until.ts";
import { openSetting, type Setting, someWork } from "./setting.ts";

const servers: [string, () => string][] = [
  ["Redis", () => inject("redisUrl")],
  ["PostgreSQL", () => inject("postgresUrl")],
];

const TROUBLE = new PaddleError("Paddle is having trouble (503)", {
  code: "internal_error",
  status: 503,
  effect: "none",
  retry: "later",
});

/** The clocks of this process and of the server, and a run's own time. */
const ABOUT_MS = 2_000;

describe.each(servers)("the list of jobs on %s", (_server, url) => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await openSetting(url());
  });
  afterEach(() => setting[Symbol.asyncDispose]());

  const unfinished = () => createJobList(setting.backend).unfinished();
  const untilListed = (what: string, isSo: (job: JobView) => boolean) =>
    until(what, async () => (await unfinished()).find(isSo));
  const runOnce = async (processor: Processor) => {
    const work = someWork();
    await setting.work(processor);
    await setting.put(work);
    return work;
  };

  it("is empty where there is nothing to do", async () => {
    expect(await unfinished()).toEqual([]);
  });

  it("has the jobs of every queue as they were put, newest first, and none of the alerts'", async () => {
    const asked = Date.now();
    const works = (["rotate", "revoke-first", "replace", "inspect"] as const).map((job, at) => {
      const work = { ...someWork(job), keyExpiresAt: asked };
      return { ...work, intent: { ...work.intent, requestedAt: asked + at } };
    });
    for (const work of works) await setting.put(work);
    await setting.backend.queues.alerts.add("alert", { channel: "log" }, { delay: 60_000 });
    const listed = await unfinished();
    expect(listed.map(({ work }) => work)).toEqual(works.toReversed());
    expect(listed.map(({ queue }) => queue)).toEqual(["upkeep", "emergencies", "emergencies", "rotations"]);
    for (const job of listed)
      expect(job).toMatchObject({ state: "waiting", nextAt: null, percent: 0, attempts: 0, failure: null });
  });

  it("shows a job that runs with its progress and its facts, and not once it has ended", async () => {
    const gate = Promise.withResolvers<void>();
    const work = await runOnce(async (_work, { journal }) => {
      await journal.note("activeAsked", { says: "Paddle accepts the active secret.", percent: 40 });
      await gate.promise;
      return { kind: "done", result: "rotated", summary: "It is rotated." };
    });
    const running = await untilListed(
      "the fact is shown, and then the progress",
      ({ facts, percent }) => "activeAsked" in facts && percent > 0,
    );
    expect(running).toMatchObject({
      work,
      state: "running",
      percent: 40,
      nextAt: null,
      facts: { activeAsked: { says: "Paddle accepts the active secret." } },
    });
    gate.resolve();
    await until("it has ended", async () => (await unfinished()).length === 0);
  });

  it("shows a job that was put off, and about when it begins", async () => {
    const work = someWork();
    const put = Date.now();
    await createWorkQueue(setting.backend).put(work, { delayMs: 3_600_000 });
    const [job] = await unfinished();
    expect(job).toMatchObject({ work, state: "delayed", attempts: 0 });
    expect(Math.abs((job?.nextAt ?? 0) - (put + 3_600_000))).toBeLessThan(ABOUT_MS);
  });

  it("shows a job that waits for a time, and about when it goes on", async () => {
    const at = Date.now() + 7_200_000;
    await runOnce(async () => ({ kind: "wait", at, why: "the grace" }));
    const job = await untilListed("it waits", ({ state }) => state === "delayed");
    expect(job).toMatchObject({ attempts: 0, failure: null });
    expect(Math.abs((job.nextAt ?? 0) - at)).toBeLessThan(ABOUT_MS);
  });

  it("shows a job that will be tried again, why it failed, how often, and about when", async () => {
    await runOnce(() => Promise.reject(TROUBLE));
    const job = await untilListed("it has failed once", ({ state }) => state === "delayed");
    expect(job).toMatchObject({ attempts: 1, failure: TROUBLE.message });
    expect(Math.abs((job.nextAt ?? 0) - Date.now() - 2_000)).toBeLessThan(ABOUT_MS);
  });

  it("shows a job that waits for a person, with what it needs of them", async () => {
    await runOnce(async () => ({ kind: "needs-person", summary: "Replace the key by hand." }));
    const job = await untilListed("it has failed", ({ state }) => state === "failed");
    expect(job).toMatchObject({ failure: "Replace the key by hand.", nextAt: null });
  });

  it("leaves out what another release wrote, and jobs of other kinds", async () => {
    const { rotations, upkeep } = setting.backend.queues;
    const own = someWork();
    await setting.put(own);
    await rotations.add("rotate", { v: 2, key: "billing" }, { jobId: "evt_newer" });
    await rotations.add("rotate", { v: 1, keyName: 7 }, { jobId: "evt_broken" });
    await rotations.add("polish", { v: 1 }, { jobId: "evt_unknown" });
    await rotations.add("constructor", { v: 1 }, { jobId: "evt_strange" });
    await upkeep.add("reconcile", {}, { jobId: "sweep" });
    expect((await unfinished()).map(({ work }) => work.intent.id)).toEqual([own.intent.id]);
  });

  it("has a job once that changed its state while it was listed", async () => {
    const work = someWork();
    await setting.put(work);
    const { rotations } = setting.backend.queues;
    const getJobs = rotations.getJobs.bind(rotations);
    // What was waiting is delayed by the time the delayed ones are read.
    rotations.getJobs = async (types, ...rest) =>
      getJobs([types].flat().includes("delayed") ? ["waiting"] : types, ...rest);
    expect(await unfinished()).toMatchObject([{ work, state: "delayed" }]);
  });

  it("is cut at a few hundred of each kind, and keeps the newest of those that failed", async () => {
    await setting.backend.queues.rotations.addBulk(
      Array.from({ length: 350 }, (_, at) => {
        const { intent, ...work } = someWork();
        const data = {
          v: 1,
          ...work,
          intent: intent.kind,
          requestedAt: new Date(at).toISOString(),
          facts: {},
        };
        return { name: "rotate", data, opts: { jobId: `${intent.id}x` } };
      }),
    );
    expect(await unfinished()).toHaveLength(300);
    await setting.work(async () => ({ kind: "needs-person", summary: "Look at it." }));
    await until(
      "all have failed",
      async () => (await setting.backend.queues.rotations.getFailedCount()) === 350,
      45_000,
      50,
    );
    expect(await unfinished()).toHaveLength(300);
  });
});
