/** What people hear of a job that fails, goes on, and fails again. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../src/core/alert.ts";
import { PaddleError, QueueError } from "../../../src/core/errors.ts";
import type { Work } from "../../../src/core/work.ts";
import { tellFailure, tellRecovery } from "../../../src/queue/job-trouble.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const WORK: Work = {
  job: "rotate",
  keyName: "billing",
  keyId: "apikey_01",
  intent: { id: "evt_1", kind: "expiring", requestedAt: 0 },
  eventId: "evt_1",
};
const DOWN = new PaddleError("GET /: timeout", {
  code: "timeout",
  status: null,
  effect: "none",
  retry: "later",
});

function place() {
  const raised: Alert[] = [];
  const records = memoryRecords();
  const state = { isDown: false };
  const alerts = {
    async raise(alert: Alert) {
      if (state.isDown) throw new QueueError("the queue is down", { effect: "none", retry: "later" });
      if (!raised.some(({ id }) => id === alert.id)) raised.push(alert);
    },
  };
  const deps = { alerts, records, log: pino({ level: "silent" }) };
  const job = { id: "evt_1", name: "rotate", opts: { attempts: 10 } };
  return {
    raised,
    state,
    fails: (attempt: number) =>
      tellFailure({ job, work: WORK, attempt, error: DOWN, reason: DOWN.message, now: attempt }, deps),
    goesWell: (attemptsMade: number) => tellRecovery({ ...job, attemptsMade }, WORK, 100, deps),
    heard: () => raised.map(({ kind, incident }) => `${kind} ${incident?.state}`),
  };
}

describe("a job that keeps failing", () => {
  it("is told of on the third failure, and called off when a run goes well", async () => {
    const { fails, goesWell, heard, raised } = place();
    for (const attempt of [1, 2]) await fails(attempt);
    expect(heard()).toEqual([]);
    for (const attempt of [3, 4, 5]) await fails(attempt);
    await goesWell(5);
    await goesWell(5);
    expect(heard()).toEqual(["job-failing open", "job-works over"]);
    expect(raised[1]?.incident?.id).toBe(raised[0]?.incident?.id);
  });

  it("is another incident when it fails again after that, and not before the third failure in a row", async () => {
    const { fails, goesWell, heard, raised } = place();
    for (const attempt of [1, 2, 3]) await fails(attempt);
    await goesWell(3);
    for (const attempt of [4, 5]) await fails(attempt);
    expect(heard()).toHaveLength(2);
    await fails(6);
    await goesWell(6);
    expect(heard()).toEqual(["job-failing open", "job-works over", "job-failing open", "job-works over"]);
    expect(new Set(raised.map(({ incident }) => incident?.id)).size).toBe(2);
  });

  it("is one incident with its last failure, which the job ends that a person began anew", async () => {
    const { fails, goesWell, heard, raised } = place();
    for (const attempt of [3, 10]) await fails(attempt);
    await goesWell(0);
    expect(heard()).toEqual(["job-failing open", "job-failed open", "job-works over"]);
    expect(new Set(raised.map(({ incident }) => incident?.id)).size).toBe(1);
    // Its failures are counted from 0 again.
    for (const attempt of [1, 2]) await fails(attempt);
    expect(heard()).toHaveLength(3);
    await fails(3);
    expect(heard()).toHaveLength(4);
  });

  it("is told of at the next failure where the first word was lost, and stops nothing", async () => {
    const { fails, heard, state } = place();
    state.isDown = true;
    await fails(3);
    state.isDown = false;
    await fails(4);
    expect(heard()).toEqual(["job-failing open"]);
  });

  it("that nobody was told of ends in silence", async () => {
    const { fails, goesWell, heard } = place();
    for (const attempt of [1, 2]) await fails(attempt);
    await goesWell(2);
    expect(heard()).toEqual([]);
  });
});
