/** Whose rotation is it? */
import { describe, expect, it } from "vitest";
import { newestCompleted } from "../../../src/core/issued-rotations.ts";
import type { KeyRotation } from "../../../src/core/paddle-key.ts";
import { type ForeignSituation, judgeRotation } from "../../../src/rotation/foreign.ts";

const rotation = (
  status: KeyRotation["status"],
  id = "apkrot_1",
  createdAt: number | null = 0,
): KeyRotation => ({
  id,
  keyId: "apikey_1",
  status,
  graceSeconds: 0,
  expiresAt: null,
  createdAt,
});

const judge = (status: KeyRotation["status"], given: Partial<ForeignSituation> = {}) =>
  judgeRotation({
    rotation: rotation(status),
    ourIds: new Set(),
    ourJobIssues: false,
    newerIsOurs: false,
    foreignRotation: "alert",
    counteredAlready: false,
    waitedLongEnough: false,
    ...given,
  });

describe("a rotation", () => {
  it.each(["pending", "completed", "canceled", "unknown"] as const)(
    "that is ours and %s is no news",
    (status) => {
      expect(judge(status, { ourIds: new Set(["apkrot_1"]) })).toEqual({ do: "ours" });
    },
  );

  it("that was cancelled is only noted: so ends one of ours whose answer was lost", () => {
    expect(judge("canceled")).toEqual({ do: "note", because: "cancelled" });
  });

  it("that is pending while our job may have asked for it is looked at again, but not for ever", () => {
    expect(judge("pending", { ourJobIssues: true })).toMatchObject({ do: "look-again" });
    expect(judge("pending", { ourJobIssues: true, waitedLongEnough: true })).toMatchObject({
      do: "alert-pending",
    });
  });

  it("that is pending and somebody else's alerts, or is countered where the policy says so, once", () => {
    expect(judge("pending")).toEqual({ do: "alert-pending", because: "pending" });
    expect(judge("pending", { foreignRotation: "counter" })).toEqual({ do: "counter" });
    expect(judge("pending", { foreignRotation: "counter", counteredAlready: true })).toEqual({
      do: "alert-pending",
      because: "countered-already",
    });
  });

  it("that is completed and not ours is a takeover, whatever our jobs do", () => {
    expect(judge("completed", { ourJobIssues: true, foreignRotation: "counter" })).toEqual({
      do: "takeover",
    });
  });

  it("that is completed and not ours is past once one of ours came after it", () => {
    expect(judge("completed", { newerIsOurs: true })).toEqual({ do: "note", because: "outrun" });
  });

  it("of unknown state is looked at again, then told", () => {
    expect(judge("unknown")).toMatchObject({ do: "look-again" });
    expect(judge("unknown", { waitedLongEnough: true })).toEqual({
      do: "alert-pending",
      because: "status-unknown",
    });
  });
});

describe("the newest completed rotation", () => {
  it("is found whatever the order of the list", () => {
    const list = [
      rotation("completed", "apkrot_a", 2),
      rotation("completed", "apkrot_b", 1),
      rotation("canceled", "apkrot_c", 3),
    ];
    expect(newestCompleted(list)?.id).toBe("apkrot_a");
    expect(newestCompleted(list.toReversed())?.id).toBe("apkrot_a");
  });

  it("is told by its id where Paddle says no times", () => {
    const list = [rotation("completed", "apkrot_02", null), rotation("completed", "apkrot_01", null)];
    expect(newestCompleted(list)?.id).toBe("apkrot_02");
    expect(newestCompleted([])).toBeNull();
  });
});
