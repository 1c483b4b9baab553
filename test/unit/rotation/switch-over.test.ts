/** When consumers are looked at, and what waits for them. */
import { describe, expect, it } from "vitest";
import type { DoneResult, Step, WaitReason } from "../../../src/rotation/situation.ts";
import {
  isProved,
  isUnderWay,
  lagMark,
  laggards,
  whileConsumersSwitch,
} from "../../../src/rotation/switch-over.ts";
import type { ConsumerState } from "../../../src/rotation/switch-over-state.ts";
import { NOW, situation } from "./situations.ts";

const HOUR = 3_600_000;
const consumer = (state: ConsumerState["state"], lagging: readonly string[] = []): ConsumerState =>
  state === "unknown"
    ? { name: "billing", state, instances: [], says: "silent" }
    : {
        name: "billing",
        state,
        instances: lagging.map((id) => ({ id, state: "lagging", says: null })),
        says: "",
      };
const started = (agoMs: number, ...consumers: ConsumerState[]) => ({
  switchOver: { id: "1", startedAt: NOW - agoMs, consumers },
});

/** What the table with consumers makes of a step of the table without. */
function stepFor(step: Step, answers = {}, consumerCount = 1): Step {
  return whileConsumersSwitch(() => step)(situation({ consumerCount, answers, graceSeconds: 3_600 }));
}

const wait = (because: WaitReason, at = NOW + HOUR): Step => ({ step: "wait", at, because });
const done = (result: DoneResult): Step => ({ step: "done", result });

describe("consumers", () => {
  it("are looked at before a job waits for an old secret, and before it ends", () => {
    for (const because of ["old-in-grace", "rolled-back", "overlap", "former-not-revoked"] as const)
      expect(stepFor(wait(because))).toEqual({ step: "roll-out" });
    for (const result of ["rotated", "switched"] as const)
      expect(stepFor(done(result))).toEqual({ step: "roll-out" });
  });

  it("concern nobody where there are none", () => {
    expect(stepFor(wait("old-in-grace"), {}, 0)).toEqual(wait("old-in-grace"));
  });

  it.each<Step>([
    wait("outside-window"),
    wait("may-be-reactivated"),
    done("gave-way"),
    done("met-already"),
    { step: "retire" },
    { step: "activate" },
    { step: "put-back-old" },
    { step: "swap-forward" },
    { step: "issue", graceSeconds: 0, mode: "revoke-first" },
    { step: "page", reason: "no-standby" },
  ])("hold up nothing that saves or ends a secret: $step $because $result", (step) => {
    expect(stepFor(step)).toEqual(step);
    expect(stepFor(step, started(HOUR, consumer("under-way")))).toEqual(step);
  });

  it.each([
    [1_000, 5_000],
    [60_000, 15_000],
    [HOUR, 300_000],
  ])("under way for %i ms are looked at again %i ms later", (agoMs, inMs) => {
    const step = stepFor(wait("old-in-grace"), started(agoMs, consumer("under-way")));
    expect(step).toEqual(wait("old-in-grace", NOW + inMs));
  });

  it("are not looked at later than the table wants to wait", () => {
    const step = wait("old-dies-soon", NOW + 2_000);
    expect(stepFor(step, started(HOUR, consumer("unknown")))).toEqual(step);
  });

  it.each(["proved", "unprovable"] as const)("that are %s are waited for no longer", (state) => {
    expect(stepFor(done("rotated"), started(0, consumer(state)))).toEqual(done("rotated"));
    expect(stepFor(wait("former-not-revoked"), started(0, consumer(state)))).toEqual(
      wait("former-not-revoked"),
    );
  });

  it("that lag keep a former key from being asked to be revoked, and the job from ending, for a day", () => {
    const lagging = (agoMs: number) => started(agoMs, consumer("proved"), consumer("under-way"));
    expect(stepFor(wait("former-not-revoked"), lagging(HOUR))).toMatchObject({ because: "consumers-lag" });
    expect(stepFor(done("rotated"), lagging(24 * HOUR))).toMatchObject({ because: "consumers-lag" });
    expect(stepFor(done("rotated"), lagging(25 * HOUR))).toEqual(done("rotated"));
  });
});

describe("a switch-over", () => {
  const state = (...consumers: ConsumerState[]) => ({ id: "1", startedAt: NOW, consumers });

  it.each([
    [[consumer("proved")], false, true],
    [[consumer("proved"), consumer("unprovable")], false, false],
    [[consumer("proved"), consumer("under-way")], true, false],
    [[consumer("unknown")], true, false],
  ])("%# is under way or proved by all of its consumers", (consumers, underWay, proved) => {
    expect(isUnderWay(state(...consumers))).toBe(underWay);
    expect(isProved(state(...consumers))).toBe(proved);
  });

  it("names who lags, a few by name", () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    expect(laggards(state(consumer("under-way", ids), consumer("proved"), consumer("unknown")))).toEqual([
      "billing (a, b, c, d, e and 2 more)",
      "billing",
    ]);
  });

  it.each([
    [0.49, 0],
    [0.5, 50],
    [0.79, 50],
    [0.8, 80],
    [0.99, 80],
    [1, 100],
    [3, 100],
  ])("at %d of its grace has the mark %i", (part, mark) => {
    const grace = { startedAt: NOW, until: NOW + HOUR, promptMs: 60_000 };
    expect(lagMark(grace, NOW + part * HOUR)).toBe(mark);
  });

  it("without a grace has its time for a roll-out, and then everybody who lags fails", () => {
    const dead = { startedAt: NOW, until: null, promptMs: 60_000 };
    expect([0, 59_999, 60_000].map((ms) => lagMark(dead, NOW + ms))).toEqual([0, 0, 100]);
  });
});
