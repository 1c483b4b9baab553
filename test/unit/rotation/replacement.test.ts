/** The table of a replacement, row by row: a key that cannot rotate itself, and the key that takes its place. */
import { describe, expect, it } from "vitest";
import type { IntentKind } from "../../../src/core/work.ts";
import { FORMER_RECHECK_MS, nextReplacementStep } from "../../../src/rotation/replacement.ts";
import type { Answers, Situation } from "../../../src/rotation/situation.ts";
import {
  BEFORE,
  HOUR,
  inGrace,
  intent,
  issued,
  keyWith,
  NO,
  NOW,
  OTHER_KEY_ID,
  overlapping,
  OWN,
  pending,
  REPLACED,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const STANDBY = issued("standby", {}, OTHER_KEY_ID);
const WITH_STANDBY = { ...BEFORE, standby: STANDBY };
const about = (kind: IntentKind): Partial<Situation> => ({ intent: intent(kind) });
const DAY = 24 * HOUR;

/** A standby that lay beside the exposed secret was made new, and was just used for the first time. */
const renewed = (answers: Answers): Partial<Situation> => ({
  slots: { ...WITH_STANDBY, pending: pending({ mode: "revoke-first", graceSeconds: 0 }, OTHER_KEY_ID) },
  exposureOpen: true,
  ...about("exposed"),
  answers: { pending: yes(), ...answers },
});

const ROWS: Row[] = [
  [
    "switched: stands down when another key is active",
    { slots: REPLACED },
    { step: "done", result: "replaced" },
  ],
  [
    "switched: reports when it was this job that put the other key there",
    { slots: { ...REPLACED, active: issued("other", OWN, OTHER_KEY_ID) } },
    { step: "done", result: "switched" },
  ],
  [
    "switched: leaves the former key of yet another replacement alone",
    {
      slots: {
        ...REPLACED,
        old: { ...issued("third", {}, "apikey_01kyyyyyyyyyyyyyyyyyyyyyyy"), until: NOW + HOUR },
      },
    },
    { step: "done", result: "replaced" },
  ],
  [
    "switched: asks whether a revocation of the former key still holds, because it can be taken back",
    { slots: overlapping(NOW + HOUR), ...about("revoked") },
    { step: "read-former" },
  ],
  [
    "switched: believes that the former key is revoked where nobody may read it",
    { slots: overlapping(NOW + HOUR), ...about("revoked"), answers: { former: "unreadable" } },
    { step: "retire" },
  ],
  [
    "switched: retires the former key when Paddle has told that it is expired",
    { slots: overlapping(NOW + HOUR), ...about("expired") },
    { step: "retire" },
  ],
  [
    "switched: reads the former key with the new one, so that its last use stays true",
    { slots: overlapping(NOW + HOUR), ...about("manual") },
    { step: "read-former" },
  ],
  [
    "switched: retires the former key when it reads as revoked",
    {
      slots: overlapping(NOW + HOUR),
      ...about("manual"),
      answers: { former: keyWith({ status: "revoked" }) },
    },
    { step: "retire" },
  ],
  [
    "switched: retires the former key when it reads as expired",
    {
      slots: overlapping(NOW + HOUR),
      ...about("manual"),
      answers: { former: keyWith({ status: "expired" }) },
    },
    { step: "retire" },
  ],
  [
    "switched: looks at the former key once an hour during the overlap",
    {
      slots: overlapping(NOW + 2 * FORMER_RECHECK_MS),
      ...about("manual"),
      answers: { former: keyWith({}) },
    },
    { step: "wait", at: NOW + FORMER_RECHECK_MS, because: "overlap" },
  ],
  [
    "switched: looks at the former key at the end of the overlap",
    { slots: overlapping(NOW + 1), ...about("manual"), answers: { former: keyWith({}) } },
    { step: "wait", at: NOW + 1, because: "overlap" },
  ],
  [
    "switched: asks a person to revoke the former key once the overlap is over",
    { slots: overlapping(NOW), ...about("manual"), answers: { former: keyWith({}) } },
    { step: "wait", at: NOW + FORMER_RECHECK_MS, because: "former-not-revoked" },
  ],
  [
    "switched: asks a person at once when nobody knows of an overlap",
    { slots: overlapping(null), ...about("manual"), answers: { former: keyWith({}) } },
    { step: "wait", at: NOW + FORMER_RECHECK_MS, because: "former-not-revoked" },
  ],
  [
    "switched: asks a person at once when the former key is exposed",
    { slots: overlapping(NOW + HOUR), ...about("exposed"), answers: { former: keyWith({}) } },
    { step: "wait", at: NOW + FORMER_RECHECK_MS, because: "former-not-revoked" },
  ],
  [
    "switched: waits for the end of the overlap when no key may read the former one",
    { slots: overlapping(NOW + 3 * HOUR), ...about("manual"), answers: { former: "unreadable" } },
    { step: "wait", at: NOW + 3 * HOUR, because: "overlap" },
  ],
  [
    "switched: asks a person once a day when no key may read the former one",
    { slots: overlapping(NOW), ...about("manual"), answers: { former: "unreadable" } },
    { step: "wait", at: NOW + DAY, because: "former-not-revoked" },
  ],
  [
    "pending: tries a staged secret before any standby",
    { slots: { ...WITH_STANDBY, pending: pending() } },
    { step: "activate" },
  ],
  [
    "pending: asks whether the former secret lives before it is called old",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: yes() } },
    { step: "ask", slot: "active" },
  ],
  [
    "pending: promotes a staged secret of the same key, the former one in its grace",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: yes(), active: yes() } },
    { step: "promote", former: { slot: "active", until: NOW + HOUR }, alarms: [] },
  ],
  [
    "pending: promotes a staged secret, the former one dead",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: yes(), active: NO } },
    { step: "promote", former: null, alarms: [] },
  ],
  [
    "pending: asks whether the secret that may have leaked is dead, before a standby that was made new is used",
    renewed({ active: NO }),
    { step: "ask", slot: "standby" },
  ],
  [
    "pending: promotes a standby that was made new, without overlap for an exposed key",
    renewed({ active: yes(), standby: NO }),
    { step: "promote", former: { slot: "active", until: NOW }, alarms: [] },
  ],
  [
    "pending: promotes a standby that was made new in the place of a dead key",
    renewed({ active: NO, standby: NO }),
    { step: "promote", former: null, alarms: [] },
  ],
  [
    "pending: raises an alarm when the secret that may have leaked lives beside its successor",
    renewed({ active: NO, standby: yes() }),
    { step: "promote", former: null, alarms: ["standby"] },
  ],
  [
    "pending: goes on without a staged secret that Paddle refuses",
    { slots: { ...BEFORE, pending: pending() }, answers: { pending: NO } },
    { step: "ask", slot: "active" },
  ],
  ["asks whether the key is really dead", {}, { step: "ask", slot: "active" }],
  [
    "stands down when a revoked key was brought back",
    { answers: { active: yes() } },
    { step: "done", result: "reactivated" },
  ],
  [
    "stands down when a key that was reported expired works",
    { ...about("expired"), answers: { active: yes() } },
    { step: "done", result: "reactivated" },
  ],
  [
    "stands down when a refusal that a sweep found is over",
    { ...about("resume"), answers: { active: yes() } },
    { step: "done", result: "reactivated" },
  ],
  [
    "asks the old secret when Paddle refuses the active one",
    { slots: inGrace(NOW + HOUR), answers: { active: NO } },
    { step: "ask", slot: "old" },
  ],
  [
    "puts the old secret back when it alone lives",
    { slots: { ...inGrace(NOW + HOUR), standby: STANDBY }, answers: { active: NO, old: yes() } },
    { step: "put-back-old" },
  ],
  [
    "never asks with the former key of an earlier replacement",
    {
      slots: { ...BEFORE, old: { ...issued("former", {}, OTHER_KEY_ID), until: NOW + HOUR } },
      ...about("expired"),
      answers: { active: NO },
    },
    { step: "page", reason: "no-standby" },
  ],
];

describe("the next step of a replacement:", () => {
  it.each(ROWS)("%s", (_promise, change, expected) => {
    const revoked = { intent: intent("revoked"), warnedExpiryAt: null };
    expect(nextReplacementStep(situation({ ...revoked, ...change }))).toEqual(expected);
  });
});
