/** Alerts on a real queue: they reach who they are for, whatever becomes of a channel. */
import { describe, expect, inject, it } from "vitest";
import { type Alert, ChannelError } from "../../../src/core/alert.ts";
import { ALL_CLEAR, LEAKED, REMINDER } from "../../support/alerts/sample-alerts.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { until } from "../../support/until.ts";
import { openAlerts, ScriptedChannel } from "./alerts-setting.ts";

const WARNING: Alert = {
  id: "webhooks-missed-2026-11-21",
  kind: "webhooks-missed",
  severity: "warning",
  keyName: null,
  keyId: null,
  happened: "3 events came only by catch-up.",
  action: null,
  raisedAt: Date.UTC(2026, 10, 21),
};
const critical = (id: string): Alert => ({ ...WARNING, id, severity: "critical" });

const threeChannels = () =>
  [
    new ScriptedChannel("log"),
    new ScriptedChannel("ops"),
    new ScriptedChannel("oncall", "critical"),
  ] as const;

const refused = () => {
  throw new ChannelError("alert channel ops (slack) answered 404: the webhook is gone", {
    effect: "none",
    retry: "never",
  });
};
const down = () => {
  throw new ChannelError("alert channel ops (slack) answered 503: wait", { effect: "none", retry: "later" });
};
const busy = () => {
  const quiet = { effect: "none", retry: "later", retryAfterMs: 60_000 } as const;
  throw new ChannelError("alert channel ops (slack) answered 429: wait", quiet);
};

describe.each([
  ["Redis", () => inject("redisUrl")],
  ["PostgreSQL", () => inject("postgresUrl")],
])("alerts on %s", (_server, url) => {
  it("go to the channels that take them, once, however often they are raised", async () => {
    const [log, ops, oncall] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops, oncall], {
      channelsOf: (key) => (key === "billing-worker" ? ["oncall"] : null),
    });
    await setting.work();
    await Promise.all([WARNING, WARNING, LEAKED].map((alert) => setting.alerts.raise(alert)));
    const told = () => log.sent.length === 2 && ops.sent.length === 1 && oncall.sent.length === 1;
    await until("everything is told", told);
    expect(ops.kinds).toEqual(["webhooks-missed"]);
    expect(oncall.kinds).toEqual(["exposed-secret-lives"]);
    expect(await setting.backend.queues.alerts.getJobCountByTypes("completed", "active", "waiting")).toBe(4);
  });

  it("end where they began: the all-clear goes to whom the incident was told", async () => {
    const [log, ops, oncall] = threeChannels();
    await using records = memoryRecords();
    await using setting = await openAlerts(url(), [log, ops, oncall], { records });
    await setting.work();
    for (const alert of [LEAKED, ALL_CLEAR]) await setting.alerts.raise(alert);
    await until("the page is over", async () => {
      await setting.hurry();
      return oncall.sent.length === 2 && log.sent.length === 2 && ops.sent.length === 2;
    });
    expect(oncall.kinds).toEqual(["exposed-secret-lives", "exposed-secret-dead"]);

    const warned: Alert = { ...WARNING, incident: { id: WARNING.id, state: "open" } };
    const over: Alert = {
      ...WARNING,
      id: "over",
      severity: "info",
      incident: { id: WARNING.id, state: "over" },
    };
    for (const alert of [warned, over]) await setting.alerts.raise(alert);
    await until("the warning is over", async () => {
      await setting.hurry();
      return log.sent.length === 4 && ops.sent.length === 4;
    });
    expect(oncall.sent).toHaveLength(2);
  });

  it("keep their order within an incident: an all-clear waits for what is still to be told", async () => {
    const [, ops] = threeChannels();
    await using setting = await openAlerts(url(), [ops]);
    ops.trouble = ({ incident }) => (incident?.state === "open" ? down() : undefined);
    await setting.work();
    for (const alert of [LEAKED, REMINDER]) await setting.alerts.raise(alert);
    await until("both have failed", () => ops.tries >= 2);
    await setting.alerts.raise(ALL_CLEAR);
    await until("the all-clear is put off", () => setting.putOffs.length > 0);
    expect(ops.sent).toEqual([]);

    ops.trouble = () => {};
    await until("all is told", async () => {
      await setting.hurry();
      return ops.sent.length === 3;
    });
    expect(ops.kinds).toEqual(["exposed-secret-lives", "exposed-secret-lives", "exposed-secret-dead"]);
  });

  it("leave a channel alone for as long as it asks, and only that one", async () => {
    const [log, ops, oncall] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops, oncall]);
    ops.trouble = busy;
    await setting.work();
    await setting.alerts.raise(critical("one"));
    await until("it is put off", async () => (await setting.jobOf(critical("one"), ops)).isDelayed());
    expect(setting.putOffs[0]).toBeGreaterThan(Date.now() + 50_000);
    expect((await setting.jobOf(critical("one"), ops)).attemptsMade).toBe(0);
    await setting.alerts.raise(critical("two"));
    await until("the others go on", () => oncall.sent.length === 2 && log.sent.length === 2);
    await until("the second one waits too", async () =>
      (await setting.jobOf(critical("two"), ops)).isDelayed(),
    );
    expect(ops.tries).toBe(1);
  });

  it("reach one channel while another one hangs", async () => {
    const [log, ops, oncall] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops, oncall]);
    const end = Promise.withResolvers<void>();
    ops.trouble = () => end.promise;
    await setting.work();
    const names = Array.from({ length: 20 }, (_, index) => `alert-${index}`);
    for (const name of names) await setting.alerts.raise(critical(name));
    await until("everybody else knows", () => oncall.sent.length === 20 && log.sent.length === 20);
    expect(ops.tries).toBe(2);
    end.resolve();
    await until("and then that one, too", async () => {
      await setting.hurry();
      return ops.sent.length === 20;
    });
  });

  it("that a channel does not deliver are told on the others, and once an hour", async () => {
    const [log, ops, oncall] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops, oncall]);
    ops.trouble = down;
    await setting.work();
    for (const alert of [critical("one"), critical("two")]) await setting.alerts.raise(alert);
    const told = await until("the person on call hears of it", async () => {
      await setting.hurry();
      return oncall.sent.find(({ kind }) => kind === "channel-failing");
    });
    expect(ops.tries).toBeGreaterThanOrEqual(3);
    expect(told).toMatchObject({
      severity: "critical",
      happened: expect.stringContaining("alert channel ops (slack) answered 503: wait"),
      incident: { id: "channel-failing-ops", state: "open" },
    });
    await until("both have failed often", async () => {
      await setting.hurry();
      return ops.tries >= 10;
    });
    expect(oncall.kinds.filter((kind) => kind === "channel-failing")).toHaveLength(1);
    expect(log.kinds.filter((kind) => kind === "channel-failing")).toHaveLength(1);

    ops.trouble = () => {};
    await until("it works again, and people hear of that", async () => {
      await setting.hurry();
      return oncall.kinds.includes("channel-works") && ops.sent.length === 2;
    });
    expect(ops.kinds).not.toContain("channel-failing");
  });

  it("that a person must mend a channel for are told at once", async () => {
    const [log, ops, oncall] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops, oncall]);
    ops.trouble = refused;
    await setting.work();
    await setting.alerts.raise(WARNING);
    // As it takes no warnings, and yet is the only one left.
    await until("somebody hears of it", () => oncall.kinds.includes("channel-failing"));
    expect(ops.tries).toBe(1);
    const job = await setting.jobOf(WARNING, ops);
    await until("it is to be tried again", () => job.isDelayed());
  });

  it("that did not reach everybody on a channel are told of on the others, once an hour, and not sent again", async () => {
    const [log, ops, oncall] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops, oncall]);
    ops.partly = {
      missed: "alert channel ops (email) refuses 1 of 2 addresses (gone@example.com, 550): check to",
    };
    await setting.work();
    for (const alert of [WARNING, LEAKED]) await setting.alerts.raise(alert);
    const told = await until("somebody hears of it", () =>
      oncall.sent.find(({ kind }) => kind === "channel-failing"),
    );
    expect(told).toMatchObject({
      severity: "warning",
      happened: expect.stringContaining("gone@example.com"),
    });
    // Nobody could say that it is over.
    expect(told).not.toHaveProperty("incident");
    await until("all is sent", async () => (await setting.jobOf(LEAKED, ops)).isCompleted());
    await until("all else is told", () => log.sent.length === 3);
    expect(ops.kinds.toSorted()).toEqual(["exposed-secret-lives", "webhooks-missed"]);
    expect(ops.tries).toBe(2);
    expect(oncall.kinds.filter((kind) => kind === "channel-failing")).toHaveLength(1);
  });

  it("for a channel that is gone go to the log", async () => {
    const [log, ops] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops]);
    await setting.alerts.raise(WARNING);
    await setting.work([log], 5 * 60_000);
    const job = await setting.jobOf(WARNING, ops);
    await until("it is dealt with", () => job.isCompleted());
    expect(setting.log.lines).toEqual([
      expect.objectContaining({ channel: "ops", msg: expect.stringContaining("not configured any more") }),
      expect.objectContaining({ alert: expect.objectContaining({ id: WARNING.id }) }),
    ]);
  });

  it("for a channel that only the other instances of a rolling restart have wait for them", async () => {
    const [log, ops] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops]);
    await setting.alerts.raise(WARNING);
    const former = await setting.work([log]);
    const job = await setting.jobOf(WARNING, ops);
    await until("it is left to others", () => job.isDelayed());
    await former[Symbol.asyncDispose]();
    await setting.work();
    await until("it is told", () => ops.sent.length === 1);
    expect(setting.log.lines).toEqual([]);
  });

  it("of a newer release wait for its workers, and page if none comes", async () => {
    const [log, ops] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops]);
    const ahead = { v: 2, to: ["ops"], urgency: "dreadful" };
    const job = await setting.backend.queues.alerts.add("alert", ahead, { jobId: "newer" });
    // An all-clear looks through all that waits, and must not stumble over it.
    await setting.alerts.raise(ALL_CLEAR);
    const soon = await setting.work();
    await until("it waits", () => job.isDelayed());
    await until("the others are told", () => ops.sent.length === 1);
    await soon[Symbol.asyncDispose]();
    await setting.work([log, ops], 60_000);
    await setting.hurry();
    await until("people hear of it", () => ops.kinds.includes("job-failing"));
    expect(await setting.backend.queues.alerts.getJob("newer")).toMatchObject({
      attemptsMade: 0,
      data: ahead,
    });
  });

  it("keep nothing of an error but what may be shown", async () => {
    const [log, ops] = threeChannels();
    await using setting = await openAlerts(url(), [log, ops]);
    ops.trouble = () => {
      throw new Error("s3cret");
    };
    await setting.work();
    await setting.alerts.raise(WARNING);
    const job = await until("it has failed", async () => {
      const found = await setting.jobOf(WARNING, ops);
      return found.failedReason ? found : null;
    });
    expect(JSON.stringify(job)).not.toContain("s3cret");
  });
});
