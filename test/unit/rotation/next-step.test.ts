/** The table of the graceful rotation, row by row: what is true now, and the one step that follows. */
import { describe, expect, it } from "vitest";
import type { ApiKey } from "../../../src/core/paddle-key.ts";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, type IssuedSecret, type PendingSecret, type Slots } from "../../../src/core/slots.ts";
import {
  type Answer,
  CLOCK_DOUBT_MS,
  DEATH_SLACK_MS,
  nextStep,
  OUTLIVES_RECHECK_MS,
  ROLLBACK_MARGIN_MS,
  type Situation,
  type Step,
} from "../../../src/rotation/next-step.ts";

const NOW = Date.parse("2026-11-24T00:00:10Z");
const ASKED = NOW - 10_000;
const EXPIRY = Date.parse("2026-12-01T00:00:00Z");
const KEY_ID = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
const INTENT = { id: "evt_1", kind: "expiring", requestedAt: ASKED } as const;

function secretOf(keyId: string, mark: string): Secret {
  return new Secret(`pdl_live_${keyId}_${mark.padEnd(22, "x")}_abc`);
}

function issued(mark: string, known: Partial<IssuedSecret> = {}): IssuedSecret {
  return { secret: secretOf(KEY_ID, mark), rotationId: null, issuedAt: null, intentId: null, ...known };
}

function pending(known: Partial<PendingSecret> = {}): PendingSecret {
  return {
    ...issued("pending", { intentId: INTENT.id, issuedAt: NOW }),
    mode: "graceful",
    graceSeconds: 3600,
    ...known,
  };
}

const KEY: ApiKey = {
  id: KEY_ID,
  name: "Billing worker",
  status: "active",
  rotatable: true,
  expiresAt: EXPIRY,
  exposedAt: null,
  permissions: [],
};
const yes = (key: Partial<ApiKey> = {}, at = NOW): Answer => ({
  accepted: true,
  key: { ...KEY, ...key },
  at,
});
const NO: Answer = { accepted: false };

const BEFORE: Slots = { ...EMPTY_SLOTS, active: issued("first") };
const OWN = { intentId: INTENT.id, issuedAt: NOW };
const inGrace = (until: number | null, rolledBack = false): Slots => ({
  ...EMPTY_SLOTS,
  active: issued("second", OWN),
  old: { ...issued("first"), until },
  rolledBack,
});

function step(change: Partial<Situation>): Step {
  return nextStep({
    now: NOW,
    keyId: KEY_ID,
    intent: INTENT,
    warnedExpiryAt: EXPIRY,
    graceSeconds: 86_400,
    slots: BEFORE,
    answers: {},
    exposureOpen: false,
    ...change,
  });
}

type Row = [promise: string, situation: Partial<Situation>, step: Step];

const otherKey: Slots = {
  ...EMPTY_SLOTS,
  active: { ...issued("other"), secret: secretOf("apikey_01kzzzzzzzzzzzzzzzzzzzzzzz", "other") },
  pending: pending(),
};

const ROWS: Row[] = [
  [
    "1: stands down when another key is active, even with a secret pending",
    { slots: otherKey },
    { step: "done", result: "replaced" },
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
    { slots: { ...EMPTY_SLOTS, active: issued("second", { issuedAt: ASKED }) } },
    { step: "done", result: "met-already" },
  ],
  [
    "3: does not share a rotation issued a millisecond before this was asked for",
    { slots: { ...EMPTY_SLOTS, active: issued("second", { issuedAt: ASKED - 1 }) } },
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
    "4: activates a staged secret by using it once",
    { slots: { ...BEFORE, pending: pending() } },
    { step: "activate" },
  ],
  [
    "4: promotes what Paddle accepted, with the moment of its first use",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: yes({}, NOW - 5) } },
    { step: "promote", activatedAt: NOW - 5 },
  ],
  [
    "4: asks active when Paddle refuses the staged secret",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: NO } },
    { step: "ask", slot: "active" },
  ],
  [
    "4: issues again with the smaller grace, the staged one's",
    { slots: { ...BEFORE, pending: pending({ graceSeconds: 60 }) }, answers: { pending: NO, active: yes() } },
    { step: "issue", graceSeconds: 60 },
  ],
  [
    "4: issues again with the smaller grace, the intent's",
    {
      graceSeconds: 30,
      slots: { ...BEFORE, pending: pending({ graceSeconds: 60 }) },
      answers: { pending: NO, active: yes() },
    },
    { step: "issue", graceSeconds: 30 },
  ],
  [
    "4: issues again with the intent's grace when the staged one's is not known",
    {
      slots: { ...BEFORE, pending: pending({ graceSeconds: null }) },
      answers: { pending: NO, active: yes() },
    },
    { step: "issue", graceSeconds: 86_400 },
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
    { step: "page", reason: "lost" },
  ],
  [
    "4: calls the key lost when pending and active are refused and there is no old",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: NO, active: NO } },
    { step: "page", reason: "lost" },
  ],
  [
    "5: asks whether the older secret still lives while rolled back",
    { slots: inGrace(NOW + ROLLBACK_MARGIN_MS + 1, true) },
    { step: "ask", slot: "active" },
  ],
  [
    "5: waits for the end of the rollback while the older secret lives",
    { slots: inGrace(NOW + ROLLBACK_MARGIN_MS + 1, true), answers: { active: yes() } },
    { step: "wait", at: NOW + 1, because: "rolled-back" },
  ],
  [
    "5: swaps forward a margin before the older secret dies",
    { slots: inGrace(NOW + ROLLBACK_MARGIN_MS, true) },
    { step: "swap-forward" },
  ],
  [
    "5: swaps forward at once when the older secret is dead",
    { slots: inGrace(NOW + 3_600_000, true), answers: { active: NO } },
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
    "6: does not issue during a grace, even for an intent that is not met",
    { slots: { ...inGrace(NOW + 1), active: issued("second") } },
    { step: "wait", at: NOW + 1 + DEATH_SLACK_MS, because: "old-in-grace" },
  ],
  ["7: asks Paddle about the active secret before it issues", {}, { step: "ask", slot: "active" }],
  [
    "7: issues when the key is active and rotatable",
    { answers: { active: yes() } },
    { step: "issue", graceSeconds: 86_400 },
  ],
  [
    "7: pages when the key was made without rotation",
    { answers: { active: yes({ rotatable: false }) } },
    { step: "page", reason: "not-rotatable" },
  ],
  [
    "7: pages when Paddle calls the key revoked",
    { answers: { active: yes({ status: "revoked" }) } },
    { step: "page", reason: "not-active" },
  ],
  [
    "7: tolerates a status that Paddle may invent later",
    { answers: { active: yes({ status: "unknown" }) } },
    { step: "issue", graceSeconds: 86_400 },
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
    { step: "issue", graceSeconds: 86_400 },
  ],
  [
    "7: rotates a key that never expires when a person asks",
    { warnedExpiryAt: null, answers: { active: yes({ expiresAt: null }) } },
    { step: "issue", graceSeconds: 86_400 },
  ],
  [
    "7: calls the key lost when Paddle refuses the active secret",
    { answers: { active: NO } },
    { step: "page", reason: "lost" },
  ],
  [
    "7: calls the key lost when a person emptied the active slot",
    { slots: EMPTY_SLOTS },
    { step: "page", reason: "lost" },
  ],
];

describe("the next step of a graceful rotation, row", () => {
  it.each(ROWS)("%s", (_promise, situation, expected) => {
    expect(step(situation)).toEqual(expected);
  });
});
