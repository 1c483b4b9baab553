/** `POST /api/keys/{name}/jobs/{jobId}/retry`, as programs use it. */
import { describe, expect, it } from "vitest";
import type { JobView } from "../../../src/core/job-view.ts";
import { KEY_ID, keyWith, NOW, STEADY } from "../../support/admin/keys.ts";
import { openAdmin } from "../../support/admin/world.ts";

const jobOf = (id: string, state: JobView["state"]): JobView => ({
  work: {
    job: "revoke-first",
    keyName: "billing",
    keyId: KEY_ID,
    intent: { id, kind: "exposed", requestedAt: NOW },
    eventId: id,
  },
  queue: "emergencies",
  state,
  nextAt: null,
  percent: 0,
  attempts: 1,
  failure: null,
  facts: {},
});

const JOBS = [jobOf("evt_failed", "failed"), jobOf("evt_running", "running")];
const retry = (id: string, name = "billing") => `/api/keys/${name}/jobs/${id}/retry`;
const POST = { method: "POST" };

describe("taking up a job again", () => {
  it("answers 202 with the same job and the page that shows it", async () => {
    await using admin = await openAdmin({ jobs: JOBS });
    const answer = await admin.call(retry("evt_failed"), { ...POST, body: {} });
    expect(answer.status).toBe(202);
    expect(answer.json()).toEqual({ jobId: "evt_failed", status: "/queues/queue/emergencies/evt_failed" });
    expect(admin.workQueue.puts).toEqual([JOBS[0]?.work]);
    expect(admin.logged.lines).toMatchObject([{ jobId: "evt_failed", askedBy: "somebody on this machine" }]);
  });

  it.each([
    ["a job that runs", retry("evt_running"), 409],
    ["no job", retry("evt_gone"), 409],
    ["a job of another key", retry("evt_failed", "reports"), 409],
    ["an unknown key", retry("evt_failed", "nothing"), 404],
  ])("is refused for %s", async (_what, path, status) => {
    await using admin = await openAdmin({ keys: [keyWith(STEADY), keyWith(STEADY, "reports")], jobs: JOBS });
    expect((await admin.call(path, POST)).status).toBe(status);
    expect(admin.workQueue.puts).toEqual([]);
  });

  it("takes no body but an empty one", async () => {
    await using admin = await openAdmin({ jobs: JOBS });
    expect((await admin.call(retry("evt_failed"), { ...POST, body: { force: true } })).status).toBe(400);
  });

  it("answers 503 when the queue does not take it", async () => {
    await using admin = await openAdmin({ jobs: JOBS });
    admin.workQueue.state = "down";
    expect((await admin.call(retry("evt_failed"), POST)).status).toBe(503);
  });
});
