/** A failed job that a person wants tried again. */
import { describe, expect, it } from "vitest";
import type { JobView } from "../../../../src/core/job-view.ts";
import { QueueError } from "../../../../src/core/errors.ts";
import { retryJob } from "../../../../src/http/admin/desk/job-retry.ts";
import { Neighbours } from "../../../../src/http/admin/desk/key-neighbours.ts";
import { NOW } from "../../../support/admin/keys.ts";
import { openDesk } from "../../../support/admin/neighbours.ts";
import { jobAbout, secretFor, storyKey } from "../../../support/admin/pages-story.ts";
import { MemoryStore } from "../../../support/memory-store.ts";

const key = storyKey("billing", { active: secretFor("billing", "Active", NOW) });
const failed = jobAbout(key, { id: "evt_1", state: "failed", failure: "no", facts: {} });

function ask(listed: readonly JobView[] | Error, jobId = "evt_1", of = key) {
  const world = openDesk([key]);
  const jobs = { unfinished: async () => (listed instanceof Error ? Promise.reject(listed) : listed) };
  const neighbours = new Neighbours({ ...world, log: world.logged.log });
  return { ...world, answer: retryJob(of, { jobId, askedBy: "ops" }, { jobs, neighbours }) };
}

describe("trying a job again", () => {
  it("asks the queue for the very same work, and says who wanted it", async () => {
    const { answer, workQueue, logged } = ask([failed]);
    expect(await answer).toEqual({ kind: "queued", queue: "rotations", jobId: "evt_1" });
    expect(workQueue.puts).toEqual([failed.work]);
    expect(logged.lines).toMatchObject([{ msg: "job asked for again", askedBy: "ops", jobId: "evt_1" }]);
  });

  it.each([
    ["runs", [jobAbout(key, { id: "evt_1", state: "running" })], /has not failed/],
    ["waits", [jobAbout(key, { id: "evt_1", state: "delayed" })], /has not failed/],
    ["has ended", [], /no such job any more/],
    ["is another key's", [jobAbout(storyKey("tax", {}), { id: "evt_1", state: "failed" })], /no such job/],
  ])("does nothing to a job that %s", async (_what, jobs, why) => {
    const { answer, workQueue } = ask(jobs);
    expect(await answer).toEqual({ kind: "not-now", why: expect.stringMatching(why) });
    expect(workQueue.puts).toEqual([]);
  });

  it("takes up those of the key's standby, too, where that is a key of its own", async () => {
    const own = storyKey("billing-standby", {});
    const standby = jobAbout(own, { id: "evt_1", state: "failed" });
    expect(await ask([standby]).answer).toMatchObject({ kind: "not-now" });
    const withStandby = { ...key, standbyStore: new MemoryStore({}) };
    expect(await ask([standby], "evt_1", withStandby).answer).toMatchObject({ kind: "queued" });
  });

  it("says that the queue is down, and that asking again does no harm", async () => {
    const down = new QueueError("the queue is down", { effect: "none", retry: "later" });
    expect(await ask(down).answer).toEqual({ kind: "unavailable", why: "the queue is down" });
    const world = openDesk([key]);
    world.workQueue.state = "down";
    const neighbours = new Neighbours({ ...world, log: world.logged.log });
    const jobs = { unfinished: async () => [failed] };
    const answer = await retryJob(key, { jobId: "evt_1", askedBy: "ops" }, { jobs, neighbours });
    expect(answer).toEqual({ kind: "unavailable", why: expect.stringContaining("does no harm") });
  });
});
