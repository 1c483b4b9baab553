/** The table of the graceful rotation, row by row: what is true now, and the one step that follows. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { DEATH_SLACK_MS, nextStep, ROLLBACK_MARGIN_MS } from "../../../src/rotation/next-step.ts";
import {
  ASKED,
  BEFORE,
  EARLIER,
  inGrace,
  issued,
  LATER,
  NO,
  NOW,
  OTHER_KEY_ID,
  overlapping,
  OWN,
  pending,
  REPLACED,
  rolledBack,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const STANDBY = issued("standby", {}, OTHER_KEY_ID);
const formerKey = (until: number | null) => ({ ...issued("former", {}, OTHER_KEY_ID), until });

const ROWS: Row[] = [
  [
    "1: stands down when another key is active, even with a secret pending",
    { slots: { ...REPLACED, pending: pending() } },
    { step: "done", result: "replaced" },
  ],
  [
    "1: watches the key that it replaced, if that one still lives beside the new one",
    { slots: overlapping(NOW + 1) },
    { step: "read-former" },
  ],
  [
    "2: gives way to an open exposure before anything is issued",
    { exposureOpen: true },
    { step: "done", result: "gave-way" },
  ],
  [
    "2: gives way to an open exposure before a staged secret is activated",
    { exposureOpen: true, slots: { ...BEFORE, pending: pending() } },
    { step: "done", result: "gave-way" },
  ],
  [
    "3: is done when its own secret is active and the old one is retired",
    { slots: { ...EMPTY_SLOTS, active: issued("second", OWN) } },
    { step: "done", result: "rotated" },
  ],
  [
    "3: shares a rotation that was issued after this was asked for",
    { slots: { ...EMPTY_SLOTS, active: issued("second", LATER) } },
    { step: "done", result: "met-already" },
  ],
  [
    "3: does not share a rotation issued a millisecond before this was asked for",
    { slots: { ...EMPTY_SLOTS, active: issued("second", EARLIER) } },
    { step: "ask", slot: "active" },
  ],
  [
    "3: leaves another job's pending secret to that job once its own intent is met",
    { slots: { ...EMPTY_SLOTS, active: issued("second", OWN), pending: pending({ intentId: "evt_2" }) } },
    { step: "done", result: "rotated" },
  ],
  [
    "3: settles its own pending secret even when its intent was met meanwhile",
    { slots: { ...EMPTY_SLOTS, active: issued("second", { issuedAt: NOW }), pending: pending() } },
    { step: "activate" },
  ],
  [
    "3: is not done while the older secret is in use again, however new the other one is",
    { slots: rolledBack(NOW + ROLLBACK_MARGIN_MS + 1, OWN) },
    { step: "ask", slot: "active" },
  ],
  [
    "3: is not done while the old secret lives, although its own is active",
    { slots: inGrace(NOW + 1) },
    { step: "wait", at: NOW + 1 + DEATH_SLACK_MS, because: "old-in-grace" },
  ],
  [
    "3: leaves another job's pending secret alone, also when it shares the active one",
    { slots: { ...BEFORE, active: issued("second", LATER), pending: pending({ intentId: "evt_3" }) } },
    { step: "done", result: "met-already" },
  ],
  [
    "3: does not wait for a person to revoke a former key whose overlap is over",
    { slots: { ...overlapping(NOW), active: issued("second", OWN), old: formerKey(NOW) } },
    { step: "done", result: "rotated" },
  ],
  [
    "4: activates another job's staged secret before anything of its own",
    { slots: { ...BEFORE, pending: pending({ intentId: "evt_2", issuedAt: ASKED - 1 }) } },
    { step: "activate" },
  ],
  [
    "4: activates a staged secret by using it once",
    { slots: { ...BEFORE, pending: pending() } },
    { step: "activate" },
  ],
  [
    "4: promotes what Paddle accepted, with the moment of its first use",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: yes({}, NOW - 5) } },
    { step: "promote", former: { slot: "active", until: NOW - 5 + 3_600_000 }, alarms: [] },
  ],
  [
    "4: promotes what Paddle accepted although nobody knows its grace",
    { slots: { ...BEFORE, pending: pending({ graceSeconds: null }) }, answers: { pending: yes() } },
    { step: "promote", former: { slot: "active", until: null }, alarms: [] },
  ],
  [
    "4: asks active when Paddle refuses the staged secret",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: NO } },
    { step: "ask", slot: "active" },
  ],
  [
    "4: issues again with the smaller grace, the staged one's",
    { slots: { ...BEFORE, pending: pending({ graceSeconds: 60 }) }, answers: { pending: NO, active: yes() } },
    { step: "issue", graceSeconds: 60, mode: "graceful" },
  ],
  [
    "4: issues again with the smaller grace, the intent's",
    {
      graceSeconds: 30,
      slots: { ...BEFORE, pending: pending({ graceSeconds: 60 }) },
      answers: { pending: NO, active: yes() },
    },
    { step: "issue", graceSeconds: 30, mode: "graceful" },
  ],
  [
    "4: issues again with the intent's grace when the staged one's is not known",
    {
      slots: { ...BEFORE, pending: pending({ graceSeconds: null }) },
      answers: { pending: NO, active: yes() },
    },
    { step: "issue", graceSeconds: 86_400, mode: "graceful" },
  ],
  [
    "4: asks old when Paddle refuses pending and active",
    { slots: { ...inGrace(NOW), pending: pending() }, answers: { pending: NO, active: NO } },
    { step: "ask", slot: "old" },
  ],
  [
    "4: puts the old secret back when it alone lives",
    { slots: { ...inGrace(NOW), pending: pending() }, answers: { pending: NO, active: NO, old: yes() } },
    { step: "put-back-old" },
  ],
  [
    "4: calls the key lost when Paddle refuses every secret",
    { slots: { ...inGrace(NOW), pending: pending() }, answers: { pending: NO, active: NO, old: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "4: calls the key lost when pending and active are refused and there is no old",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: NO, active: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "4: turns to the standby when Paddle refuses every secret",
    {
      slots: { ...inGrace(NOW), pending: pending(), standby: STANDBY },
      answers: { pending: NO, active: NO, old: NO },
    },
    { step: "check-standby", standby: STANDBY },
  ],
];

describe("the next step of a graceful rotation, row", () => {
  it.each(ROWS)("%s", (_promise, change, expected) => {
    expect(nextStep(situation(change))).toEqual(expected);
  });
});
