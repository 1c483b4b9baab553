/** The log of alerts: each once, the newest ones for as long as a bad month needs. */
import { describe, expect, it } from "vitest";
import { openAlertLog, readAlerts } from "../../../src/alerts/alert-log.ts";
import type { Alert } from "../../../src/core/alert.ts";
import { DeskRecords } from "../../support/admin/neighbours.ts";
import { memoryRecords } from "../../support/memory-records.ts";

const KEPT = 2_000;

function alertOf(id: string, rest: Partial<Alert> = {}): Alert {
  return {
    id,
    kind: "key-lost",
    severity: "critical",
    keyName: "billing",
    keyId: "apikey_1",
    happened: "Paddle refuses the key.",
    action: null,
    raisedAt: 1,
    ...rest,
  };
}

const idsIn = async (...args: Parameters<typeof readAlerts>) =>
  (await readAlerts(...args)).alerts.map(({ id }) => id);

describe("the log of alerts", () => {
  it("gives back what was raised, newest first, at most as many as are asked for", async () => {
    const records = memoryRecords();
    const log = openAlertLog(records);
    const first = alertOf("a");
    const second = alertOf("b", {
      keyName: null,
      incident: { id: "b", state: "open" },
      action: "Revoke it.",
    });
    for (const alert of [first, second, alertOf("c")]) await log.keep(alert);
    expect((await readAlerts(records, 10)).alerts).toEqual([alertOf("c"), second, first]);
    expect(await idsIn(records, 2)).toEqual(["c", "b"]);
  });

  it("keeps an alert once, however often and by however many instances it is raised", async () => {
    const records = memoryRecords();
    const [one, other] = [openAlertLog(records), openAlertLog(records)];
    await one.keep(alertOf("a"));
    await one.keep(alertOf("b"));
    await one.keep(alertOf("a", { raisedAt: 2 }));
    await other.keep(alertOf("a", { raisedAt: 3 }));
    expect(await records.list("alert-log", { limit: 10 })).toHaveLength(2);
    expect(await idsIn(records, 10)).toEqual(["b", "a"]);
  });

  it("shows one alert once that a crash has kept twice", async () => {
    const records = memoryRecords();
    for (const id of ["a", "a", "b"]) await records.append("alert-log", { ...alertOf(id) });
    expect(await idsIn(records, 10)).toEqual(["b", "a"]);
  });

  it("passes over entries that this release cannot read, and still says that they are there", async () => {
    const records = memoryRecords();
    await records.append("alert-log", { ...alertOf("a") });
    const unreadable = [null, "alert", { ...alertOf("b"), severity: "dire" }, { id: "c" }] as const;
    let newest = "";
    for (const entry of unreadable) newest = await records.append("alert-log", entry);
    expect(await readAlerts(records, 10)).toEqual({ alerts: [alertOf("a")], newest });
  });

  it("says that there is nothing where there is nothing", async () => {
    expect(await readAlerts(memoryRecords(), 10)).toEqual({ alerts: [], newest: null });
  });

  it("forgets the oldest beyond two thousand", async () => {
    const records = memoryRecords();
    const log = openAlertLog(records);
    for (let number = 0; number < KEPT + 150; number++) await log.keep(alertOf(`a${number}`));
    const entries = await records.list("alert-log", { limit: KEPT * 2 });
    expect(entries.length).toBeGreaterThanOrEqual(KEPT);
    expect(entries.length).toBeLessThanOrEqual(KEPT + 100);
  });

  it("forgets them although no process lives to see many", async () => {
    const records = memoryRecords();
    for (let number = 0; number < KEPT + 10; number++)
      await records.append("alert-log", { ...alertOf(`a${number}`) });
    await openAlertLog(records).keep(alertOf("last"));
    const entries = await records.list("alert-log", { limit: KEPT * 2 });
    expect(entries).toHaveLength(KEPT);
    expect(entries[0]?.value).toMatchObject({ id: "last" });
  });

  it("keeps an alert although the oldest cannot be forgotten just now", async () => {
    const records = new DeskRecords();
    records.trim = () => Promise.reject(new Error("no"));
    for (let number = 0; number < KEPT; number++)
      await records.append("alert-log", { ...alertOf(`a${number}`) });
    await openAlertLog(records).keep(alertOf("last"));
    expect(await idsIn(records, 1)).toEqual(["last"]);
  });

  it("says that it could not keep an alert while the records are down", async () => {
    const records = new DeskRecords();
    records.isDown = true;
    await expect(openAlertLog(records).keep(alertOf("a"))).rejects.toThrow("the records are down");
    records.isDown = false;
    expect(await idsIn(records, 10)).toEqual([]);
  });
});
