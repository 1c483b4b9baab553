/** A job that failed asks for a person only as long as there is something left to do. */
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../src/core/alert.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import type { Slots } from "../../../src/core/slots.ts";
import type { IntentKind, JobName } from "../../../src/core/work.ts";
import { viewKey } from "../../../src/overview/key-view.ts";
import { isSettled } from "../../../src/overview/settled.ts";
import { ACTIVE, KEY_ID, keyWith, LEGACY, NOW, OTHER_KEY_ID, STEADY } from "../../support/admin/keys.ts";

const ASKED = NOW - 60_000;

function failed(job: JobName, kind: IntentKind, rest: { keyId?: string; keyName?: string } = {}): JobView {
  const intent = { id: "evt_1", kind, requestedAt: ASKED };
  return {
    work: { job, keyName: "billing", keyId: KEY_ID, intent, eventId: null, ...rest },
    queue: "rotations",
    state: "failed",
    nextAt: null,
    percent: 0,
    attempts: 1,
    failure: "It was refused.",
    facts: {},
  };
}

function viewOf(slots: Slots) {
  const key = keyWith(slots);
  return { ...viewKey(key, slots, NOW), name: "billing" };
}

const since = (issuedAt: number | null): Slots => ({ ...STEADY, active: { ...ACTIVE, issuedAt } });

const reactivated = (raisedAt: number): Alert => ({
  id: "key-reactivated-1",
  kind: "key-reactivated",
  severity: "info",
  keyName: "billing",
  keyId: KEY_ID,
  happened: "It works again.",
  action: null,
  raisedAt,
});

describe("a failed job", () => {
  it("is settled once another key is in use", () => {
    expect(
      isSettled(failed("replace", "expired", { keyId: OTHER_KEY_ID }), viewOf(since(ASKED - 1)), []),
    ).toBe(true);
  });

  it("is settled by a secret that was issued after it was asked for, and by no older one", () => {
    expect(isSettled(failed("rotate", "expiring"), viewOf(since(ASKED + 1)), [])).toBe(true);
    expect(isSettled(failed("rotate", "expiring"), viewOf(since(ASKED - 1)), [])).toBe(false);
    expect(isSettled(failed("rotate", "expiring"), viewOf(since(null)), [])).toBe(false);
  });

  it("about an exposure is not settled while a former secret is there", () => {
    const slots: Slots = { ...since(ASKED + 1), old: { ...ACTIVE, until: null } };
    expect(isSettled(failed("revoke-first", "exposed"), viewOf(slots), [])).toBe(false);
  });

  it("about a dead key is settled when the key works again", () => {
    const view = viewOf(since(null));
    expect(isSettled(failed("rotate", "resume"), view, [reactivated(ASKED + 1)])).toBe(true);
    expect(isSettled(failed("rotate", "resume"), view, [reactivated(ASKED - 1)])).toBe(false);
    expect(isSettled(failed("rotate", "expiring"), view, [reactivated(ASKED + 1)])).toBe(false);
  });

  it("about a standby, or beside a key without an id, is never taken for settled", () => {
    const standby = failed("rotate", "expiring", { keyName: "billing-standby", keyId: OTHER_KEY_ID });
    expect(isSettled(standby, viewOf(since(ASKED + 1)), [])).toBe(false);
    const legacy = failed("replace", "manual", { keyId: OTHER_KEY_ID });
    expect(isSettled(legacy, viewOf({ ...STEADY, active: LEGACY }), [])).toBe(false);
  });
});
