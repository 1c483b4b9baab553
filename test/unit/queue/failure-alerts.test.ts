import { describe, expect, it } from "vitest";
import { PaddleError, StoreError } from "../../../src/core/errors.ts";
import type { Work } from "../../../src/core/work.ts";
import { type Failure, failureAlert } from "../../../src/queue/failure-alerts.ts";

const passing = new PaddleError("GET /: timeout", {
  code: "timeout",
  status: null,
  effect: "none",
  retry: "later",
});
const hopeless = new StoreError("billing.env is world-readable: chmod 600 it", {
  effect: "none",
  retry: "never",
});

const exposed: Work = {
  job: "revoke-first",
  keyName: "billing",
  keyId: "apikey_01",
  intent: { id: "evt_1", kind: "exposed", requestedAt: 0 },
  eventId: "evt_1",
};

function alertOn(failure: Partial<Failure>) {
  return failureAlert({
    job: { id: "evt_1", name: "rotate", opts: { attempts: 1_161 } },
    work: null,
    attempt: 1,
    error: passing,
    reason: "GET /: timeout",
    now: 0,
    ...failure,
  });
}

describe("a failing job", () => {
  it.each([1, 2])("tells nobody on failure %i, which may pass", (attempt) => {
    expect(alertOn({ attempt })).toBeNull();
  });

  it("warns on the third failure in a row", () => {
    expect(alertOn({ attempt: 3 })).toMatchObject({ kind: "job-failing", severity: "warning" });
  });

  it("says the same at each failure after that, with one id: where the first word was lost, the next one tells", () => {
    const ids = [3, 4, 1_160].map((attempt) => alertOn({ attempt })?.id);
    expect(new Set(ids)).toEqual(new Set(["job-failing-evt_1"]));
  });

  it("warns at once about what waiting will not mend", () => {
    expect(alertOn({ error: hopeless, attempt: 1 })).toMatchObject({
      kind: "job-failing",
      severity: "warning",
    });
  });

  it("pages about an exposed key on the second failure, with what a person can do meanwhile", () => {
    expect(alertOn({ work: exposed, attempt: 1 })).toBeNull();
    const alert = alertOn({ work: exposed, attempt: 2 });
    expect(alert).toMatchObject({ kind: "job-failing", severity: "critical" });
    expect(alert?.action).toMatch(/^Revoke the key now in Paddle > Developer tools/);
  });

  it("pages about a key that cannot be replaced", () => {
    const replace: Work = { ...exposed, job: "replace", intent: { ...exposed.intent, kind: "expired" } };
    expect(alertOn({ work: replace, attempt: 3 })).toMatchObject({ severity: "critical" });
    expect(alertOn({ work: replace, attempt: 3 })?.action).toMatch(/^Nothing yet/);
  });

  it("is critical when it is not tried any more, and says how to go on", () => {
    const alert = alertOn({ attempt: 1_161 });
    expect(alert).toMatchObject({ kind: "job-failed", severity: "critical" });
    expect(alert?.action).toContain("by replaying its webhook");
    const of = (work: Work) => alertOn({ attempt: 1_161, work })?.action;
    expect(of(exposed)).toContain("`npm run rotator -- rotate billing --revoke-first`");
    expect(of({ ...exposed, job: "rotate" })).toContain("`npm run rotator -- rotate billing`");
    expect(of({ ...exposed, job: "replace" })).toContain("`npm run rotator -- replace billing`");
  });
});
