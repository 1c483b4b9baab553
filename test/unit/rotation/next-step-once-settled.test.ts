/** The table of the graceful rotation, rows 5 to 7: nothing is staged. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import type { Window } from "../../../src/core/window.ts";
import {
  CLOCK_DOUBT_MS,
  DEATH_SLACK_MS,
  nextStep,
  OUTLIVES_RECHECK_MS,
  ROLLBACK_MARGIN_MS,
} from "../../../src/rotation/next-step.ts";
import type { Step } from "../../../src/rotation/situation.ts";
import {
  BEFORE,
  EXPIRY,
  inGrace,
  intent,
  issued,
  NO,
  NOW,
  OTHER_KEY_ID,
  pending,
  POLICY,
  rolledBack,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const STANDBY = issued("standby", {}, OTHER_KEY_ID);
const formerKey = (until: number | null) => ({ ...issued("former", {}, OTHER_KEY_ID), until });

const ISSUE: Step = { step: "issue", graceSeconds: 86_400, mode: "graceful", forced: false };
/** It is Tuesday, a few seconds after midnight. */
const WEEKENDS: Window = { days: ["sat", "sun"], from: 120, to: 300, timeZone: "UTC" };
const windowed = { policy: { ...POLICY, window: WEEKENDS } };

const ROWS: Row[] = [
  [
    "5: asks whether the older secret still lives while rolled back",
    { slots: rolledBack(NOW + ROLLBACK_MARGIN_MS + 1) },
    { step: "ask", slot: "active" },
  ],
  [
    "5: waits for the end of the rollback while the older secret lives",
    { slots: rolledBack(NOW + ROLLBACK_MARGIN_MS + 1), answers: { active: yes() } },
    { step: "wait", at: NOW + 1, because: "rolled-back" },
  ],
  [
    "5: swaps forward a margin before the older secret dies",
    { slots: rolledBack(NOW + ROLLBACK_MARGIN_MS) },
    { step: "swap-forward" },
  ],
  [
    "5: swaps forward at once when the older secret is dead",
    { slots: rolledBack(NOW + 3_600_000), answers: { active: NO } },
    { step: "swap-forward" },
  ],
  [
    "5: swaps forward when nobody knows how long the older secret lives",
    { slots: rolledBack(null) },
    { step: "swap-forward" },
  ],
  [
    "6: waits for the end of the grace",
    { slots: inGrace(NOW + 1) },
    { step: "wait", at: NOW + 1 + DEATH_SLACK_MS, because: "old-in-grace" },
  ],
  [
    "6: waits a moment longer than the clock says",
    { slots: inGrace(NOW - DEATH_SLACK_MS + 1) },
    { step: "wait", at: NOW + 1, because: "old-in-grace" },
  ],
  [
    "6: asks the old secret once its grace is over",
    { slots: inGrace(NOW - DEATH_SLACK_MS) },
    { step: "ask", slot: "old" },
  ],
  [
    "6: asks at once when the end of the grace is not known",
    { slots: inGrace(null) },
    { step: "ask", slot: "old" },
  ],
  [
    "6: retires the old secret only when Paddle refuses it",
    { slots: inGrace(NOW - DEATH_SLACK_MS), answers: { old: NO } },
    { step: "retire" },
  ],
  [
    "6: gives differing clocks a minute before it speaks of an old secret that lives",
    { slots: inGrace(NOW - CLOCK_DOUBT_MS + 1), answers: { old: yes() } },
    { step: "wait", at: NOW + CLOCK_DOUBT_MS - 1, because: "old-dies-soon" },
  ],
  [
    "6: alerts about an old secret that outlives its grace by a minute",
    { slots: inGrace(NOW - CLOCK_DOUBT_MS), answers: { old: yes() } },
    { step: "wait", at: NOW + OUTLIVES_RECHECK_MS, because: "old-outlives-grace" },
  ],
  [
    "6: alerts about an old secret that lives and was to end nobody knows when",
    { slots: inGrace(null), answers: { old: yes() } },
    { step: "wait", at: NOW + OUTLIVES_RECHECK_MS, because: "old-outlives-grace" },
  ],
  [
    "6: has a rotation that is only due wait for the overlap with a former key",
    { slots: { ...BEFORE, old: formerKey(NOW + 1) }, intent: intent("scheduled") },
    { step: "wait", at: NOW + 1 + DEATH_SLACK_MS, because: "old-in-grace" },
  ],
  [
    "6: has a key that expires wait for no overlap, however long",
    { slots: { ...BEFORE, old: formerKey(NOW + 1) } },
    { step: "ask", slot: "active" },
  ],
  [
    "6: never asks with the secret of a former key: once the overlap is over, it is not in the way",
    { slots: { ...BEFORE, old: formerKey(NOW) } },
    { step: "ask", slot: "active" },
  ],
  [
    "6: does not issue during a grace, even for an intent that is not met",
    { slots: { ...inGrace(NOW + 1), active: issued("second") } },
    { step: "wait", at: NOW + 1 + DEATH_SLACK_MS, because: "old-in-grace" },
  ],
  ["7: asks Paddle about the active secret before it issues", {}, { step: "ask", slot: "active" }],
  ["7: issues when the key is active and rotatable", { answers: { active: yes() } }, ISSUE],
  [
    "7: pages when the key was made without rotation",
    { answers: { active: yes({ rotatable: false }) } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "7: pages when Paddle calls the key revoked",
    { answers: { active: yes({ status: "revoked" }) } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "7: tolerates a status that Paddle may invent later",
    { answers: { active: yes({ status: "unknown" }) } },
    ISSUE,
  ],
  [
    "7: drops a warning that the world has moved past",
    { answers: { active: yes({ expiresAt: EXPIRY + 86_400_000 }) } },
    { step: "done", result: "stale" },
  ],
  [
    "7: drops a warning about a key that no longer expires",
    { answers: { active: yes({ expiresAt: null }) } },
    { step: "done", result: "stale" },
  ],
  [
    "7: takes two renderings of one expiry for the same",
    { answers: { active: yes({ expiresAt: EXPIRY + 999 }) } },
    ISSUE,
  ],
  [
    "7: rotates a key that never expires when a person asks",
    { intent: intent("manual"), warnedExpiryAt: null, answers: { active: yes({ expiresAt: null }) } },
    { step: "issue", graceSeconds: 86_400, mode: "graceful" },
  ],
  [
    "7: waits for the window of the key",
    { ...windowed, answers: { active: yes() } },
    { step: "wait", at: Date.parse("2026-11-28T02:00:00Z"), because: "outside-window" },
  ],
  [
    "7: issues within the window of the key",
    { ...windowed, now: Date.parse("2026-11-28T02:00:00Z"), answers: { active: yes() } },
    ISSUE,
  ],
  [
    "7: issues outside the window rather than let the key expire, and says so",
    { ...windowed, warnedExpiryAt: null, answers: { active: yes({ expiresAt: NOW + 172_800_000 }) } },
    { ...ISSUE, forced: true },
  ],
  [
    "7: does not make a person wait for the window",
    { ...windowed, intent: intent("manual"), warnedExpiryAt: null, answers: { active: yes() } },
    { step: "issue", graceSeconds: 86_400, mode: "graceful" },
  ],
  [
    "7: does not ask for a window of a rotation that is staged already",
    { ...windowed, slots: { ...BEFORE, pending: pending() } },
    { step: "activate" },
  ],
  [
    "7: finishes what was in flight and begins nothing that nobody asked for",
    { intent: intent("resume"), warnedExpiryAt: null, answers: { active: yes() } },
    { step: "done", result: "nothing-left" },
  ],
  [
    "7: replaces a key that was made without rotation by its standby",
    { slots: { ...BEFORE, standby: STANDBY }, answers: { active: yes({ rotatable: false }) } },
    { step: "check-standby", standby: STANDBY },
  ],
  [
    "7: drops a warning that the world has moved past, also for a key made without rotation",
    { answers: { active: yes({ rotatable: false, expiresAt: EXPIRY + 1_001 }) } },
    { step: "done", result: "stale" },
  ],
  [
    "7: turns to the standby when Paddle refuses the active secret",
    { slots: { ...BEFORE, standby: STANDBY }, answers: { active: NO } },
    { step: "check-standby", standby: STANDBY },
  ],
  [
    "7: calls the key lost when Paddle refuses the active secret",
    { answers: { active: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "7: calls the key lost when a person emptied the active slot",
    { slots: EMPTY_SLOTS },
    { step: "page", reason: "no-standby" },
  ],
];

describe("the next step of a graceful rotation, row", () => {
  it.each(ROWS)("%s", (_promise, change, expected) => {
    expect(nextStep(situation(change))).toEqual(expected);
  });
});
