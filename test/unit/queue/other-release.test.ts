/** A job that another release wrote waits: how it is marked, how often it is looked at, and who hears of it. */
import { describe, expect, it } from "vitest";
import { alertsUnread } from "../../../src/alerts/channel-messages.ts";
import { type Unread, unreadAlert } from "../../../src/queue/failure-alerts.ts";
import { forgetUnread, markUnread, nextLook, unreadSince } from "../../../src/queue/other-release.ts";

const AT = Date.parse("2026-11-24T00:00:00.000Z");
const MINUTE_MS = 60_000;

function jobWith(data: unknown) {
  const job = {
    data,
    timestamp: AT - 5,
    async updateData(changed: unknown) {
      job.data = changed;
    },
  };
  return job;
}

const UNREAD: Unread = {
  job: { id: "evt_1", name: "rotate", queueName: "rotations", attemptsMade: 0 },
  keyName: "billing",
  keyId: "apikey_01",
  reason: "the job's data have version 2 and this release reads version 1",
  waitedMs: 10 * MINUTE_MS,
  now: AT,
};
const URGENT: Unread = {
  ...UNREAD,
  job: { ...UNREAD.job, name: "revoke-first", queueName: "emergencies" },
  waitedMs: MINUTE_MS,
};

describe("a job of another release", () => {
  it("is marked with the time from which nobody could read it, and keeps all that it came with", async () => {
    const job = jobWith({ v: 2, novelty: { deep: [1] } });
    expect(await markUnread(job, AT)).toBe(AT);
    expect(job.data).toEqual({ v: 2, novelty: { deep: [1] }, unreadSince: "2026-11-24T00:00:00.000Z" });
    expect(await markUnread(job, AT + 9_000)).toBe(AT);
    await forgetUnread(job);
    expect(job.data).toEqual({ v: 2, novelty: { deep: [1] } });
    expect(unreadSince(job.data)).toBeNull();
  });

  it.each([null, "a text", 7])("waits unmarked since it was queued where its data are %j", async (data) => {
    expect(await markUnread(jobWith(data), AT)).toBe(AT - 5);
  });

  it.each([
    ["soon after the first", 0, 0, 250],
    ["ever more rarely", 80_000, 0, 4_000],
    ["every half minute in the end", 86_400_000, 0, 30_000],
    ["a little later by chance", 86_400_000, 1, 37_500],
  ])("is looked at again %s", (_when, waitedMs, random, ms) => {
    expect(nextLook(AT, AT + waitedMs, () => random)).toBe(AT + waitedMs + ms);
  });

  it("is nobody's worry while a rolling restart may bring a worker that can read it", () => {
    expect(unreadAlert({ ...UNREAD, waitedMs: 10 * MINUTE_MS - 1 })).toBeNull();
    expect(unreadAlert({ ...URGENT, waitedMs: MINUTE_MS - 1 })).toBeNull();
  });

  it("is told of after ten minutes, with both ways on", () => {
    expect(unreadAlert(UNREAD)).toMatchObject({
      kind: "job-failing",
      severity: "warning",
      keyName: "billing",
      happened: expect.stringMatching(/version 2.* for 10m\.$/),
      action: expect.stringMatching(/newer release.*`npm run rotator -- rotate billing`\.$/),
    });
  });

  it("pages after a minute where it is an emergency", () => {
    expect(unreadAlert(URGENT)).toMatchObject({
      severity: "critical",
      action: expect.stringContaining("rotate billing --revoke-first"),
    });
  });

  it.each([
    { job: { ...UNREAD.job, name: "a-new-one" } },
    { job: { ...UNREAD.job, name: "inspect" } },
    { keyName: null },
  ])("names no command where there is none: %j", (part) => {
    expect(unreadAlert({ ...UNREAD, ...part })?.action).not.toContain("npm run");
  });
});

describe("alerts of another release", () => {
  it("that nobody can send page once an hour", () => {
    const first = alertsUnread("version 2", AT);
    expect(first).toMatchObject({ kind: "job-failing", severity: "critical", keyName: null });
    expect(alertsUnread("version 2", AT + 59 * MINUTE_MS).id).toBe(first.id);
    expect(alertsUnread("version 2", AT + 60 * MINUTE_MS).id).not.toBe(first.id);
  });
});
