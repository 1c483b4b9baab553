/** The table of an exposure, rows 5 to 7: no secret is staged that kills. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { DEATH_SLACK_MS, OUTLIVES_RECHECK_MS } from "../../../src/rotation/next-step.ts";
import { EXPOSED_REMINDER_MS, nextRevokeFirstStep } from "../../../src/rotation/revoke-first.ts";
import type { Answers, Situation, Step } from "../../../src/rotation/situation.ts";
import {
  BEFORE,
  EARLIER,
  HOUR,
  inGrace,
  intent,
  issued,
  NO,
  NOW,
  OTHER_KEY_ID,
  pending,
  rotation,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const ISSUE: Step = { step: "issue", graceSeconds: 0, mode: "revoke-first" };
const STANDBY = issued("standby", {}, OTHER_KEY_ID);

/** A graceful rotation was under way. */
const overtaking = (answers: Answers): Partial<Situation> => ({
  slots: { ...BEFORE, pending: pending(EARLIER) },
  answers,
});

const ROWS: Row[] = [
  [
    "5: asks with the exposed secret, which activates nothing, how far the graceful rotation is",
    overtaking({}),
    { step: "read-pending-rotation" },
  ],
  [
    "5: settles a graceful rotation that was activated, with the end that Paddle says",
    overtaking({ pendingRotation: rotation({ status: "completed", expiresAt: NOW + HOUR }) }),
    { step: "promote", former: { slot: "active", until: NOW + HOUR }, alarms: [] },
  ],
  [
    "5: issues without a grace over a graceful rotation that waits",
    overtaking({ pendingRotation: rotation() }),
    ISSUE,
  ],
  [
    "5: issues without a grace after a graceful rotation that was cancelled",
    overtaking({ pendingRotation: rotation({ status: "canceled" }) }),
    ISSUE,
  ],
  [
    "5: issues without a grace over a rotation whose status it does not know",
    overtaking({ pendingRotation: rotation({ status: "unknown" }) }),
    ISSUE,
  ],
  [
    "5: issues no fourth time within an hour over a graceful rotation, either",
    { ...overtaking({ pendingRotation: rotation() }), recentRevokeFirsts: 3 },
    { step: "page", reason: "too-many-revoke-firsts" },
  ],
  [
    "5: uses the staged secret when Paddle refuses the exposed one",
    overtaking({ pendingRotation: "active-refused" }),
    { step: "activate" },
  ],
  [
    "5: uses the staged secret when a person emptied the active slot",
    { slots: { ...EMPTY_SLOTS, pending: pending(EARLIER) } },
    { step: "activate" },
  ],
  [
    "5: settles the staged secret that it used",
    overtaking({ pending: yes({}, NOW - 5) }),
    { step: "promote", former: { slot: "active", until: NOW - 5 + HOUR }, alarms: [] },
  ],
  [
    "5: settles a staged secret whose grace nobody knows",
    {
      slots: { ...BEFORE, pending: pending({ ...EARLIER, graceSeconds: null }) },
      answers: { pending: yes() },
    },
    { step: "promote", former: { slot: "active", until: null }, alarms: [] },
  ],
  [
    "5: asks old when Paddle refuses active and pending",
    { slots: { ...inGrace(NOW), pending: pending(EARLIER), active: issued("a") }, answers: { pending: NO } },
    { step: "ask", slot: "old" },
  ],
  [
    "6: asks whether the exposed secret still lives",
    { slots: inGrace(NOW + HOUR) },
    { step: "ask", slot: "old" },
  ],
  [
    "6: waits for the end of the exposed secret where it is known",
    { slots: inGrace(NOW + HOUR / 2), answers: { old: yes() } },
    { step: "wait", at: NOW + HOUR / 2 + DEATH_SLACK_MS, because: "exposed-lives" },
  ],
  [
    "6: waits no longer than until people are to hear of it again",
    { slots: inGrace(NOW + EXPOSED_REMINDER_MS), answers: { old: yes() } },
    { step: "wait", at: NOW + EXPOSED_REMINDER_MS, because: "exposed-lives" },
  ],
  [
    "6: asks again every few minutes where it is not known",
    { slots: inGrace(null), answers: { old: yes() } },
    { step: "wait", at: NOW + OUTLIVES_RECHECK_MS, because: "exposed-lives" },
  ],
  [
    "6: asks again every few minutes when the exposed secret outlives its end",
    { slots: inGrace(NOW), answers: { old: yes() } },
    { step: "wait", at: NOW + OUTLIVES_RECHECK_MS, because: "exposed-lives" },
  ],
  [
    "6: retires the exposed secret once Paddle refuses it, however long it was to live",
    { slots: inGrace(NOW + HOUR), answers: { old: NO } },
    { step: "retire" },
  ],
  ["7: asks Paddle about the active secret before it issues", {}, { step: "ask", slot: "active" }],
  ["7: issues without a grace", { answers: { active: yes() } }, ISSUE],
  [
    "7: issues without a grace in the middle of another one",
    { slots: inGrace(NOW + HOUR, EARLIER), answers: { active: yes() } },
    ISSUE,
  ],
  ["7: issues a third time within an hour", { answers: { active: yes() }, recentRevokeFirsts: 2 }, ISSUE],
  [
    "7: tells a person instead of issuing a fourth time within an hour",
    { answers: { active: yes() }, recentRevokeFirsts: 3 },
    { step: "page", reason: "too-many-revoke-firsts" },
  ],
  [
    "7: tolerates a status that Paddle may invent later",
    { answers: { active: yes({ status: "unknown" }) } },
    ISSUE,
  ],
  [
    "7: puts a standby in the place of a key made without rotation",
    { slots: { ...BEFORE, standby: STANDBY }, answers: { active: yes({ rotatable: false }) } },
    { step: "check-standby", standby: STANDBY },
  ],
  [
    "7: tells a person when a key made without rotation has no standby",
    { answers: { active: yes({ rotatable: false }) } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "7: puts a standby in the place of a key that Paddle has revoked",
    { slots: { ...BEFORE, standby: STANDBY }, answers: { active: NO } },
    { step: "check-standby", standby: STANDBY },
  ],
  [
    "7: asks old before it gives up a key whose active secret Paddle refuses",
    { slots: inGrace(NOW, EARLIER), answers: { active: NO } },
    { step: "ask", slot: "old" },
  ],
  [
    "7: puts the old secret back when it alone lives",
    { slots: inGrace(NOW, EARLIER), answers: { active: NO, old: yes() } },
    { step: "put-back-old" },
  ],
  [
    "7: finishes what was in flight and kills nothing that nobody asked for",
    { intent: intent("resume"), answers: { active: yes() } },
    { step: "done", result: "nothing-left" },
  ],
];

describe("the next step of an exposure, row", () => {
  it.each(ROWS)("%s", (_promise, change, expected) => {
    const exposed = { intent: intent("exposed"), warnedExpiryAt: null, exposureOpen: true };
    expect(nextRevokeFirstStep(situation({ ...exposed, ...change }))).toEqual(expected);
  });
});
