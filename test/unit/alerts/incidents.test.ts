/** What lasts is told of when it begins, now and then while it lasts, and once when it is over. */
import { describe, expect, it } from "vitest";
import { callOff, isOpen, tellOnce, tellWhileItLasts } from "../../../src/alerts/incidents.ts";
import type { Alert } from "../../../src/core/alert.ts";
import { QueueError } from "../../../src/core/errors.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const HOUR_MS = 60 * 60_000;
const BEGUN = Date.UTC(2026, 10, 21);

function setUp() {
  const raised: Alert[] = [];
  const queue = { isDown: false };
  const raise = async (alert: Alert) => {
    if (queue.isDown) throw new QueueError("down", { effect: "none", retry: "later" });
    raised.push(alert);
  };
  const ports = { records: memoryRecords(), alerts: { raise } };
  const seenAfter = (ms: number) => tellWhileItLasts(alertAt(BEGUN + ms), HOUR_MS, ports);
  const endsAfter = (ms: number) =>
    callOff("secret-lives-1", { ...alertAt(BEGUN + ms), id: "secret-dead-1" }, ports);
  return { raised, queue, ports, seenAfter, endsAfter, ids: () => raised.map(({ id }) => id) };
}

function alertAt(raisedAt: number): Alert {
  const about = { kind: "secret-lives", severity: "critical", keyName: "billing", keyId: null } as const;
  return { ...about, id: "secret-lives-1", happened: "It lives.", action: "Revoke it.", raisedAt };
}

describe("an incident", () => {
  it("is told of with one id within an interval, however often it is seen", async () => {
    const { seenAfter, ids } = setUp();
    for (const ms of [0, 1, HOUR_MS / 2, HOUR_MS - 10_000]) await seenAfter(ms);
    expect(new Set(ids())).toEqual(new Set(["secret-lives-1"]));
  });

  it("is told of again with the number of the interval, and since when it lasts", async () => {
    const { seenAfter, raised, ids } = setUp();
    for (const ms of [0, HOUR_MS, HOUR_MS + 1, 3 * HOUR_MS + 1]) await seenAfter(ms);
    expect(ids()).toEqual([
      "secret-lives-1",
      "secret-lives-1-again-1",
      "secret-lives-1-again-1",
      "secret-lives-1-again-2",
    ]);
    expect(raised.at(-1)?.happened).toBe("It lives. It has been so for 3h.");
  });

  it("is told of at growing intervals, in the end once a day", async () => {
    const { seenAfter, raised } = setUp();
    for (let hours = 0; hours <= 24 * 5; hours += 1) await seenAfter(hours * HOUR_MS);
    const told = new Map(raised.toReversed().map(({ id, raisedAt }) => [id, (raisedAt - BEGUN) / HOUR_MS]));
    expect([...told.values()].toSorted((a, b) => a - b)).toEqual([0, 1, 3, 7, 15, 31, 55, 79, 103]);
  });

  it("that is looked at once a day is told of once a day", async () => {
    const { ports, ids } = setUp();
    const day = 24 * HOUR_MS;
    for (const days of [0, 1, 2, 3]) await tellWhileItLasts(alertAt(BEGUN + days * day), day, ports);
    expect(new Set(ids()).size).toBe(4);
  });

  it("is told of by whoever looks once in each interval, be it a moment early", async () => {
    const { seenAfter, ids } = setUp();
    for (const ms of [0, HOUR_MS - 300, 3 * HOUR_MS - 600]) await seenAfter(ms);
    expect(new Set(ids()).size).toBe(3);
  });

  it("is one for a channel, from the first word to the all-clear", async () => {
    const { seenAfter, endsAfter, raised } = setUp();
    await seenAfter(0);
    await seenAfter(HOUR_MS);
    await endsAfter(2 * HOUR_MS);
    expect(raised.map(({ incident }) => incident)).toEqual([
      { id: "secret-lives-1", state: "open" },
      { id: "secret-lives-1", state: "open" },
      { id: "secret-lives-1", state: "over" },
    ]);
  });

  it("is called off once", async () => {
    const { seenAfter, endsAfter, ids } = setUp();
    await seenAfter(0);
    await endsAfter(1);
    await endsAfter(2);
    expect(ids()).toEqual(["secret-lives-1", "secret-dead-1"]);
  });

  it("is not called off where nobody was told of it", async () => {
    const { endsAfter, ids } = setUp();
    await endsAfter(0);
    expect(ids()).toEqual([]);
  });

  it("is called off later when the queue does not take the all-clear", async () => {
    const { seenAfter, endsAfter, queue, ids } = setUp();
    await seenAfter(0);
    queue.isDown = true;
    await expect(endsAfter(1)).rejects.toThrow("down");
    queue.isDown = false;
    await endsAfter(2);
    expect(ids()).toEqual(["secret-lives-1", "secret-dead-1"]);
  });

  it("that is told of once has no reminders, and is open until it is called off", async () => {
    const { ports, endsAfter, ids } = setUp();
    for (const ms of [0, 5 * HOUR_MS]) await tellOnce(alertAt(BEGUN + ms), ports);
    expect(new Set(ids()).size).toBe(1);
    expect(await isOpen("secret-lives-1", ports.records)).toBe(true);
    await endsAfter(6 * HOUR_MS);
    expect(await isOpen("secret-lives-1", ports.records)).toBe(false);
  });
});
