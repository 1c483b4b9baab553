/** Incidents that are open, as the alerts tell of them. */
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../src/core/alert.ts";
import { openIncidents } from "../../../src/overview/incidents.ts";
import { alertOf } from "./place.ts";

function about(incident: string, state: "open" | "over", raisedAt: number): Alert {
  return alertOf(`${incident}-${raisedAt}`, { raisedAt, incident: { id: incident, state } });
}

/** As they are read: newest first. */
const open = (...alerts: Alert[]) =>
  openIncidents(alerts.toReversed()).map(({ alert, since }) => ({ id: alert.id, since }));

describe("the open incidents", () => {
  it("are none where nothing lasts", () => {
    expect(open()).toEqual([]);
    expect(open(alertOf("a"), alertOf("b"))).toEqual([]);
  });

  it("show the newest message, and when people heard of it first", () => {
    expect(open(about("a", "open", 1), about("a", "open", 2), about("a", "open", 3))).toEqual([
      { id: "a-3", since: 1 },
    ]);
  });

  it("are over once they are called off", () => {
    expect(open(about("a", "open", 1), about("a", "over", 2))).toEqual([]);
  });

  it("begin anew where one comes back under the same id", () => {
    const alerts = [
      about("a", "open", 1),
      about("a", "over", 2),
      about("a", "open", 3),
      about("a", "open", 4),
    ];
    expect(open(...alerts)).toEqual([{ id: "a-4", since: 3 }]);
  });

  it("do not hide one another, and come with the newest first", () => {
    const alerts = [
      about("a", "open", 1),
      about("b", "open", 2),
      about("c", "open", 3),
      about("b", "over", 4),
      about("a", "open", 5),
    ];
    expect(open(...alerts)).toEqual([
      { id: "a-5", since: 1 },
      { id: "c-3", since: 3 },
    ]);
  });

  it("are not begun by an all-clear alone", () => {
    expect(open(about("a", "over", 1))).toEqual([]);
  });
});
