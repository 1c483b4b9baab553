/** When checks are looked at, and when one gives the former secret back. */
import { describe, expect, it } from "vitest";
import type { Answers, Situation, Step, WaitReason } from "../../../src/rotation/situation.ts";
import { whileChecked } from "../../../src/rotation/while-checked.ts";
import { HOUR, inGrace, NOW, overlapping, rolledBack, situation } from "./situations.ts";

const UNTIL = NOW + HOUR;
const GRACE: Step = { step: "wait", at: UNTIL, because: "old-in-grace" };
const CHECK = { name: "errors", says: "It is bad.", switchOverId: "1" };

/** What the table with checks makes of a step of the table without. */
function stepFor(step: Step, change: Partial<Situation> = {}): Step {
  return whileChecked(() => step)(situation({ checkCount: 1, slots: inGrace(UNTIL), ...change }));
}
const after = (answers: Answers) => stepFor(GRACE, { answers });

describe("checks", () => {
  it("are looked at while a job waits for the end of a grace", () => {
    expect(stepFor(GRACE)).toEqual({ step: "look-at-checks" });
  });

  it("concern nobody where there are none", () => {
    expect(stepFor(GRACE, { checkCount: 0 })).toEqual(GRACE);
  });

  it.each<WaitReason>(["outside-window", "old-dies-soon", "old-outlives-grace", "overlap", "exposed-lives"])(
    "are not looked at in the wait %s: no secret could come back",
    (because) => {
      const wait: Step = { step: "wait", at: UNTIL, because };
      expect(stepFor(wait)).toEqual(wait);
    },
  );

  it.each<Step>([
    { step: "retire" },
    { step: "roll-out" },
    { step: "activate" },
    { step: "done", result: "rotated" },
    { step: "issue", graceSeconds: 0, mode: "revoke-first" },
  ])("hold up nothing: $step", (step) => {
    expect(stepFor(step)).toEqual(step);
  });

  it("are not looked at while a former key lives on: going back to it would be a replacement", () => {
    expect(stepFor(GRACE, { slots: overlapping(UNTIL) })).toEqual(GRACE);
  });

  it("shorten the wait to the next look, and never lengthen it", () => {
    const next = (nextAt: number | null) => after({ checks: { failed: null, nextAt } });
    expect(next(NOW + 30_000)).toEqual({ ...GRACE, at: NOW + 30_000 });
    expect(next(UNTIL + 1)).toEqual(GRACE);
    expect(next(null)).toEqual(GRACE);
  });
});

describe("a check that fails", () => {
  const checks = { failed: CHECK, nextAt: NOW + 30_000 };

  it("gives the former secret back", () => {
    expect(after({ checks })).toEqual({ step: "roll-back", check: CHECK });
  });

  it("is looked at again where the former secret cannot come back", () => {
    expect(after({ checks, rollback: "refused" })).toEqual({ ...GRACE, at: NOW + 30_000 });
  });

  it("gives no exposed secret back: nobody even looks", () => {
    expect(stepFor(GRACE, { exposureOpen: true, answers: { checks } })).toEqual(GRACE);
  });
});

describe("a rollback", () => {
  const slots = rolledBack(UNTIL);
  const steps: readonly Step[] = [
    { step: "wait", at: UNTIL, because: "rolled-back" },
    { step: "roll-out" },
    { step: "swap-forward" },
  ];

  it.each(steps)("is told of before anything else: $step", (step) => {
    expect(stepFor(step, { slots })).toEqual({ step: "tell-roll-back" });
    expect(stepFor(step, { slots, answers: { rollback: "told" } })).toEqual(step);
  });

  it("is not talked about while an exposed secret has to be ended", () => {
    const step: Step = { step: "swap-forward" };
    expect(stepFor(step, { slots, exposureOpen: true })).toEqual(step);
  });

  it("that a person ended in the store is over", () => {
    const step: Step = { step: "put-back-old" };
    expect(stepFor(step, { slots: { ...slots, active: null } })).toEqual(step);
  });
});
