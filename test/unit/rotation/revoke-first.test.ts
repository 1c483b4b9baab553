/** The table of an exposure, row by row: the exposed secret dies first, everything else comes after. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { nextRevokeFirstStep } from "../../../src/rotation/revoke-first.ts";
import type { Answers, Situation, Step } from "../../../src/rotation/situation.ts";
import {
  BEFORE,
  EARLIER,
  HOUR,
  inGrace,
  intent,
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
  rotation,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const ISSUE: Step = { step: "issue", graceSeconds: 0, mode: "revoke-first" };

/** A secret without a grace is staged; in `old` one whose grace had begun before. */
const killing = (answers: Answers): Partial<Situation> => ({
  slots: { ...inGrace(NOW + HOUR, EARLIER), pending: pending({ mode: "revoke-first", graceSeconds: 0 }) },
  answers,
});
const DEAD = { pending: yes(), active: NO, old: NO } as const;

const ROWS: Row[] = [
  ["1: stands down when another key is active", { slots: REPLACED }, { step: "done", result: "replaced" }],
  [
    "1: has people end an exposed key that still lives beside the one in its place",
    { slots: overlapping(NOW + HOUR), answers: { former: yes().key } },
    { step: "wait", at: NOW + HOUR, because: "former-not-revoked" },
  ],
  [
    "1: goes on with a standby that it had made new",
    { slots: { ...BEFORE, pending: pending({ mode: "revoke-first" }, OTHER_KEY_ID) } },
    { step: "activate" },
  ],
  [
    "2: is done when its own secret is active and no exposed one lives",
    { slots: { ...EMPTY_SLOTS, active: issued("second", OWN) } },
    { step: "done", result: "rotated" },
  ],
  [
    "2: is done when a secret is active that was issued after the exposure",
    { slots: { ...EMPTY_SLOTS, active: issued("second", LATER) } },
    { step: "done", result: "met-already" },
  ],
  [
    "2: is not done with a secret that was issued a millisecond before the exposure",
    { slots: { ...EMPTY_SLOTS, active: issued("second", EARLIER) } },
    { step: "ask", slot: "active" },
  ],
  [
    "2: leaves a secret to its job that was staged after the exposure",
    { slots: { ...EMPTY_SLOTS, active: issued("second", OWN), pending: pending(LATER) } },
    { step: "done", result: "rotated" },
  ],
  [
    "2: is not done while a secret is staged that was issued before the exposure",
    { slots: { ...EMPTY_SLOTS, active: issued("second", OWN), pending: pending(EARLIER) } },
    { step: "read-pending-rotation" },
  ],
  [
    "2: is not done while a secret is staged of which nobody knows when it was issued",
    {
      slots: {
        ...EMPTY_SLOTS,
        active: issued("second", OWN),
        pending: pending({ intentId: null, issuedAt: null }),
      },
    },
    { step: "read-pending-rotation" },
  ],
  [
    "2: does not wait for a former key, which is another one",
    {
      slots: {
        ...EMPTY_SLOTS,
        active: issued("second", OWN),
        old: { ...issued("former", {}, OTHER_KEY_ID), until: NOW + HOUR },
      },
    },
    { step: "done", result: "rotated" },
  ],
  [
    "3: ends a rollback at once, because both secrets are exposed and the newer one may be all that is left",
    { slots: rolledBack(NOW + HOUR) },
    { step: "swap-forward" },
  ],
  [
    "3: ends a rollback to an exposed secret also when the newer one is newer than the exposure",
    { slots: rolledBack(NOW + HOUR, LATER) },
    { step: "swap-forward" },
  ],
  ["4: kills by using the staged secret once", killing({}), { step: "activate" }],
  [
    "4: kills with a staged secret that another job left behind",
    { slots: { ...BEFORE, pending: pending({ ...EARLIER, mode: "revoke-first", graceSeconds: 0 }) } },
    { step: "activate" },
  ],
  [
    "4: asks Paddle whether the exposed secret is dead before anybody gets its successor",
    killing({ pending: yes() }),
    { step: "ask", slot: "active" },
  ],
  [
    "4: asks for the one before it, too",
    killing({ pending: yes(), active: NO }),
    { step: "ask", slot: "old" },
  ],
  ["4: looks for secrets that somebody else has", killing(DEAD), { step: "list-strange-graces" }],
  [
    "4: promotes once everything else is dead",
    killing({ ...DEAD, strangeGraces: [] }),
    { step: "promote", former: null, alarms: [] },
  ],
  [
    "4: raises an alarm before it promotes while the exposed secret lives, and keeps it to be watched",
    killing({ ...DEAD, active: yes(), strangeGraces: [] }),
    { step: "promote", former: { slot: "active", until: null }, alarms: ["active"] },
  ],
  [
    "4: raises an alarm while the one before lives, which dies with the grace it had",
    killing({ ...DEAD, old: yes(), strangeGraces: [] }),
    { step: "promote", former: { slot: "old", until: NOW + HOUR }, alarms: ["old"] },
  ],
  [
    "4: raises an alarm for a secret that lives and is not ours",
    killing({ ...DEAD, strangeGraces: [rotation({ status: "completed", expiresAt: NOW + 1 })] }),
    { step: "promote", former: null, alarms: ["strange"] },
  ],
  [
    "4: names everything that lives",
    killing({ pending: yes(), active: yes(), old: yes(), strangeGraces: [rotation()] }),
    { step: "promote", former: { slot: "active", until: null }, alarms: ["active", "old", "strange"] },
  ],
  [
    "4: asks active when Paddle refuses the staged secret",
    killing({ pending: NO }),
    { step: "ask", slot: "active" },
  ],
  [
    "4: issues again without a grace when the staged secret is dead and active lives",
    killing({ pending: NO, active: yes() }),
    ISSUE,
  ],
  [
    "4: asks old when Paddle refuses pending and active",
    killing({ pending: NO, active: NO }),
    { step: "ask", slot: "old" },
  ],
  [
    "4: puts the old secret back when it alone lives",
    killing({ pending: NO, active: NO, old: yes() }),
    { step: "put-back-old" },
  ],
  [
    "4: tells a person when Paddle refuses every secret: it may be a thief's rotation",
    killing({ pending: NO, active: NO, old: NO }),
    { step: "page", reason: "no-standby" },
  ],
];

describe("the next step of an exposure, row", () => {
  it.each(ROWS)("%s", (_promise, change, expected) => {
    const exposed = { intent: intent("exposed"), warnedExpiryAt: null, exposureOpen: true };
    expect(nextRevokeFirstStep(situation({ ...exposed, ...change }))).toEqual(expected);
  });
});
