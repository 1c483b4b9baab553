/** What people hear of a channel that does not deliver. */
import { describe, expect, it } from "vitest";
import {
  channelFailing,
  channelMisses,
  channelWorks,
  testAlert,
} from "../../../src/alerts/channel-messages.ts";
import { LEAKED } from "../../support/alerts/sample-alerts.ts";

const AT = Date.UTC(2026, 10, 21, 3, 4, 5);
const HOUR_MS = 3_600_000;

describe("that a channel fails", () => {
  it("is as urgent as what it has not told, and never less than a warning", () => {
    const severityFor = (severity: "info" | "warning" | "critical") =>
      channelFailing("ops", "it is down", { ...LEAKED, severity }, AT).severity;
    expect([severityFor("info"), severityFor("warning"), severityFor("critical")]).toEqual([
      "warning",
      "warning",
      "critical",
    ]);
  });

  it("is one message an hour for each channel, and one incident until it works again", () => {
    const at = (now: number, channel = "ops") => channelFailing(channel, "it is down", LEAKED, now);
    expect(at(AT + 60_000).id).toBe(at(AT).id);
    expect(at(AT + HOUR_MS).id).not.toBe(at(AT).id);
    expect(at(AT, "mail").id).not.toBe(at(AT).id);
    expect(at(AT + HOUR_MS).incident).toEqual(at(AT).incident);
    const works = channelWorks("ops", { toldAt: AT, now: AT + HOUR_MS });
    expect(works.incident).toEqual({ id: at(AT).incident?.id, state: "over" });
  });

  it("has an end for each message, also when it fails twice and recovers twice within an hour", () => {
    const first = channelWorks("ops", { toldAt: AT - HOUR_MS, now: AT });
    const second = channelWorks("ops", { toldAt: AT, now: AT });
    expect(first.id).not.toBe(second.id);
    expect([first.raisedAt, second.raisedAt]).toEqual([AT, AT]);
  });

  it("says what waits, of which key, and where to read it", () => {
    const { happened, action } = channelFailing("ops", "it is down", LEAKED, AT);
    expect(happened).toBe(
      "The alert channel ops does not deliver: it is down. " +
        "What it has not told yet: exposed-secret-lives of billing-worker (critical).",
    );
    expect(action).toContain("queue `alerts`");
  });
});

describe("that some on a channel get nothing", () => {
  const at = (now: number) =>
    channelMisses("ops", "the channel refuses 1 of 2 addresses (a@b.example): check to", LEAKED, now);

  it("says who, and what the others have", () => {
    expect(at(AT).happened).toBe(
      "Not everybody on the alert channel ops gets its alerts: the channel refuses 1 of 2 addresses (a@b.example): check to. " +
        "The others got: exposed-secret-lives of billing-worker (critical).",
    );
    expect(at(AT).action).toContain("npm run rotator -- test-alert ops");
  });

  it("is a message of its own an hour, beside that of a channel that delivers nothing", () => {
    expect(at(AT + 60_000).id).toBe(at(AT).id);
    expect(at(AT + HOUR_MS).id).not.toBe(at(AT).id);
    expect(at(AT).id).not.toBe(channelFailing("ops", "it is down", LEAKED, AT).id);
  });

  it("is a warning and no incident: the others have it, and nobody could say that it is over", () => {
    expect(at(AT)).toMatchObject({ kind: "channel-failing", severity: "warning" });
    expect(at(AT)).not.toHaveProperty("incident");
  });
});

it("a test alert is another message each time, and asks for nothing", () => {
  expect(testAlert("ops", "1", AT).id).not.toBe(testAlert("ops", "2", AT).id);
  expect(testAlert("ops", "1", AT)).toMatchObject({ severity: "info", action: null, keyName: null });
});
