/** What the dashboard shows of a job's data and result. */
import { describe, expect, it } from "vitest";
import {
  keyNameIn,
  showData,
  showProgress,
  showReturnValue,
} from "../../../src/http/admin/queues/job-view.ts";

describe("the dashboard's view of a job", () => {
  it("shows what a job asks for and what was noted", () => {
    const data = {
      v: 1,
      keyName: "billing",
      keyId: "apikey_1",
      intent: "expiring",
      eventId: null,
      requestedAt: "2026-11-21T12:00:00.000Z",
      keyExpiresAt: "2026-12-01T00:00:00.000Z",
      keyExposedAt: "2026-11-20T00:00:00.000Z",
      graceSeconds: 0,
      inspected: { what: "rotation", rotationId: "apkrot_1" },
      facts: {
        activeAsked: { at: "2026-11-21T12:00:01.000Z", says: "Paddle accepts it." },
        promoted: {
          at: "2026-11-21T12:00:02Z",
          says: "Promoted.",
          fingerprint: "sha256:0123456789abcdef",
          issuedAt: "2026-11-21T12:00:00Z",
        },
      },
    };
    expect(showData(data)).toEqual(data);
  });

  it("shows an alert and how a job ended", () => {
    const alert = {
      id: "key-lost-1",
      kind: "key-lost",
      severity: "critical",
      keyName: null,
      keyId: "apikey_1",
      happened: "Paddle refuses the key.",
      action: "Revoke it.",
      raisedAt: 1,
      incident: { id: "key-lost-1", state: "open" },
      links: { page: "https://rotator.internal/", runbook: "https://rotator.internal/runbook#key-lost" },
    };
    expect(showData({ channel: "log", alert })).toEqual({ channel: "log", alert });
    const result = { kind: "done", result: "rotated", summary: "billing is rotated." };
    expect(showReturnValue(result)).toEqual(result);
  });

  it.each([
    ["an unknown field", { keyName: "billing", secret: "CANARY" }, { keyName: "billing" }],
    ["an unknown field further in", { alert: { id: "1", secret: "CANARY" } }, { alert: { id: "1" } }],
    ["an object where a word belongs", { keyName: { secret: "CANARY" } }, { keyName: "[not shown]" }],
    ["a list where a word belongs", { keyId: ["CANARY"] }, { keyId: "[not shown]" }],
    ["a word where an object belongs", { alert: "CANARY" }, { alert: "[not shown]" }],
    ["a list where an object belongs", { alert: ["CANARY"] }, { alert: "[not shown]" }],
    ["a fact that is a bare text", { facts: { staged: "CANARY" } }, { facts: { staged: "[not shown]" } }],
    ["an unknown field of a fact", { facts: { staged: { secret: "CANARY" } } }, { facts: { staged: {} } }],
    ["a fact whose name is no word", { facts: { pdl_CANARY: { says: "Staged." } } }, { facts: {} }],
    ["data that is a text", "CANARY", "[not shown]"],
    ["data that is a list", ["CANARY"], "[not shown]"],
  ])("does not show %s", (_what, data, shown) => {
    expect(showData(data)).toEqual(shown);
  });

  it("does not show an unknown result", () => {
    expect(showReturnValue("CANARY")).toBe("[not shown]");
    expect(showReturnValue({ newSecret: "CANARY" })).toEqual({});
  });

  it("shows progress only as a number", () => {
    expect(showProgress(40)).toBe(40);
    for (const progress of ["CANARY", { secret: "CANARY" }, ["CANARY"]])
      expect(showProgress(progress)).toBe("[not shown]");
  });

  it.each([
    ["its own name", { keyName: "billing" }, "billing"],
    ["the name in its alert", { channel: "log", alert: { keyName: "billing" } }, "billing"],
    ["no name", { keyName: null, alert: { keyName: null } }, null],
    ["something else than a name", { keyName: { toString: "x" } }, null],
    ["nothing", null, null],
  ])("finds the key of a job by %s", (_how, data, name) => {
    expect(keyNameIn(data)).toBe(name);
  });

  it("leaves it at nothing where there is nothing", () => {
    expect(showReturnValue(null)).toBeNull();
    expect(showData(undefined)).toBeUndefined();
  });
});
