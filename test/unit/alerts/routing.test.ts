/** Who hears of an alert. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelsByKey, type Destination, others, route } from "../../../src/alerts/routing.ts";
import type { Alert, Severity } from "../../../src/core/alert.ts";
import { ALL_CLEAR, LEAKED } from "../../support/alerts/sample-alerts.ts";

const CHANNELS: readonly Destination[] = [
  { name: "log" },
  { name: "ops", minSeverity: "info" },
  { name: "mail", minSeverity: "warning" },
  { name: "oncall", minSeverity: "critical" },
];

const of = (severity: Severity): Alert => ({ ...LEAKED, severity });
const to = (alert: Alert, chosen: readonly string[] | null = null, told: readonly string[] | null = null) =>
  route(alert, { channels: CHANNELS, chosen, told: told && new Set(told) });

describe("an alert", () => {
  it.each([
    ["info", ["log", "ops"]],
    ["warning", ["log", "ops", "mail"]],
    ["critical", ["log", "ops", "mail", "oncall"]],
  ] as const)("that is %s goes to every channel that takes it", (severity, names) => {
    expect(to(of(severity))).toEqual(names);
  });

  it("goes only to the channels of its key, and always to the log", () => {
    expect(to(of("critical"), ["oncall"])).toEqual(["log", "oncall"]);
    expect(to(of("warning"), ["oncall"])).toEqual(["log"]);
  });
});

describe("an all-clear", () => {
  it("goes to whom its incident was told, however little severe it is", () => {
    expect(to(ALL_CLEAR, null, ["log", "oncall"])).toEqual(["log", "oncall"]);
    expect(to(ALL_CLEAR, ["ops"], ["log", "mail"])).toEqual(["log", "mail"]);
  });

  it("goes to all of its key where nobody remembers who was told", () => {
    expect(to(ALL_CLEAR, ["ops", "oncall"], null)).toEqual(["log", "ops", "oncall"]);
    expect(to(ALL_CLEAR, ["ops", "oncall"], [])).toEqual(["log", "ops", "oncall"]);
    expect(to(ALL_CLEAR, ["ops", "oncall"], ["removed-since"])).toEqual(["log", "ops", "oncall"]);
  });
});

describe("that a channel fails", () => {
  it("is told on the others that take an alert so severe", () => {
    expect(others("ops", "warning", CHANNELS)).toEqual(["log", "mail"]);
    expect(others("mail", "critical", CHANNELS)).toEqual(["log", "ops", "oncall"]);
  });

  it("is told on all others where none takes it but the log", () => {
    const two: readonly Destination[] = [
      { name: "log" },
      { name: "ops" },
      { name: "oncall", minSeverity: "critical" },
    ];
    expect(others("ops", "warning", two)).toEqual(["log", "oncall"]);
    expect(others("ops", "warning", [{ name: "log" }, { name: "ops" }])).toEqual(["log"]);
  });
});

describe("the channels of a key", () => {
  const channelsOf = channelsByKey([
    { name: "billing", alerts: ["ops"] },
    { name: "reports", alerts: null },
  ]);

  it("are those that it names, and its standby's, too", () => {
    expect(channelsOf("billing")).toEqual(["ops"]);
    expect(channelsOf("billing-standby")).toEqual(["ops"]);
  });

  it("are all where it names none, or is not configured any more", () => {
    expect(channelsOf("reports")).toBeNull();
    expect(channelsOf("gone")).toBeNull();
  });
});

it("forgets nobody: whoever was told of an incident hears of its end", () => {
  const severity = fc.constantFrom<Severity>("info", "warning", "critical");
  const channels = fc.uniqueArray(
    fc.record({ name: fc.constantFrom("a", "b", "c"), minSeverity: severity }),
    {
      selector: ({ name }) => name,
    },
  );
  const chosen = fc.option(fc.uniqueArray(fc.constantFrom("a", "b", "c")));
  fc.assert(
    fc.property(channels, chosen, severity, (some, names, severe) => {
      const all: Destination[] = [{ name: "log" }, ...some];
      const told = route(of(severe), { channels: all, chosen: names, told: null });
      const over = route(ALL_CLEAR, { channels: all, chosen: names, told: new Set(told) });
      expect(over).toEqual(expect.arrayContaining([...told]));
      expect(told).toContain("log");
    }),
  );
});
