/** The table of a replacement, row by row: a key that cannot rotate itself, and the key that takes its place. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import {
  FORMER_RECHECK_MS,
  nextReplacementStep,
  REACTIVATION_MS,
} from "../../../src/rotation/replacement.ts";
import type { Situation } from "../../../src/rotation/situation.ts";
import {
  ASKED,
  BEFORE,
  HOUR,
  inGrace,
  intent,
  issued,
  keyWith,
  LATER,
  MINUTE,
  NO,
  NOW,
  OTHER_KEY_ID,
  overlapping,
  OWN,
  pending,
  POLICY,
  REPLACED,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const STANDBY = issued("standby", {}, OTHER_KEY_ID);
const WITH_STANDBY = { ...BEFORE, standby: STANDBY };
const FIT = { active: NO, standbyFaults: [] } as const;
const REFUSED = { kind: "refused", says: "Paddle refuses it." } as const;
const about = (kind: IntentKind): Partial<Situation> => ({ intent: intent(kind) });
const DAY = 24 * HOUR;

/** A standby that lay beside the exposed secret was made new and waits for its first use. */
const RENEWED = {
  ...WITH_STANDBY,
  pending: pending({ mode: "revoke-first", graceSeconds: 0 }, OTHER_KEY_ID),
};

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
    "switched: retires the former key when Paddle has told that it is revoked",
    { slots: overlapping(NOW + HOUR), ...about("revoked") },
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
    "pending: promotes a standby that was made new, without overlap for an exposed key",
    { slots: RENEWED, exposureOpen: true, ...about("exposed"), answers: { pending: yes(), active: yes() } },
    { step: "promote", former: { slot: "active", until: NOW }, alarms: [] },
  ],
  [
    "pending: promotes a standby that was made new in the place of a dead key",
    { slots: RENEWED, exposureOpen: true, ...about("exposed"), answers: { pending: yes(), active: NO } },
    { step: "promote", former: null, alarms: [] },
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
  [
    "standby: looks into the store of its own for it",
    { standbyElsewhere: true, answers: { active: NO } },
    { step: "find-standby" },
  ],
  [
    "standby: takes the one in the key's own store, which a person may just have brought",
    { standbyElsewhere: true, slots: WITH_STANDBY, answers: { active: NO } },
    { step: "check-standby", standby: STANDBY },
  ],
  [
    "standby: checks it before its use",
    { slots: WITH_STANDBY, answers: { active: NO } },
    { step: "check-standby", standby: STANDBY },
  ],
  [
    "standby: tells a person when it will not do",
    { slots: WITH_STANDBY, answers: { active: NO, standbyFaults: [REFUSED] } },
    { step: "page", reason: "standby-unfit" },
  ],
  [
    "standby: takes the place of a dead key in one write",
    { slots: WITH_STANDBY, ...about("expired"), answers: FIT },
    { step: "promote-standby", standby: STANDBY, until: null },
  ],
  [
    "standby: takes the place of a living key, which lives on beside it for the overlap",
    {
      slots: WITH_STANDBY,
      ...about("manual"),
      policy: { ...POLICY, overlapMs: 72 * HOUR },
      answers: { ...FIT, active: yes() },
    },
    { step: "promote-standby", standby: STANDBY, until: NOW + 72 * HOUR },
  ],
  [
    "standby: takes the place of a living key without any overlap",
    {
      slots: WITH_STANDBY,
      ...about("manual"),
      policy: { ...POLICY, overlapMs: 0 },
      answers: { ...FIT, active: yes() },
    },
    { step: "promote-standby", standby: STANDBY, until: NOW },
  ],
  [
    "standby: gives an exposed key no overlap",
    {
      slots: BEFORE,
      standbyElsewhere: true,
      exposureOpen: true,
      ...about("exposed"),
      answers: { active: yes(), standbyElsewhere: STANDBY, standbyFaults: [] },
    },
    { step: "promote-standby", standby: STANDBY, until: NOW },
  ],
  [
    "standby: is made new before its use when it lay beside the exposed secret",
    { slots: WITH_STANDBY, exposureOpen: true, ...about("exposed"), answers: FIT },
    { step: "renew-standby", standby: STANDBY },
  ],
  [
    "standby: is made new in an exposure whichever job comes first",
    { slots: WITH_STANDBY, exposureOpen: true, ...about("revoked"), answers: FIT },
    { step: "renew-standby", standby: STANDBY },
  ],
  [
    "standby: is made new after a revocation, whose reason may be an exposure that was not told yet",
    { slots: WITH_STANDBY, ...about("revoked"), answers: FIT },
    { step: "renew-standby", standby: STANDBY },
  ],
  [
    "standby: is used as it is after a revocation when it cannot be made new",
    { slots: WITH_STANDBY, ...about("revoked"), answers: { ...FIT, standbyRotatable: false } },
    { step: "promote-standby", standby: STANDBY, until: null },
  ],
  [
    "standby: is left to a person's judgement when it may have leaked and cannot be made new",
    {
      slots: WITH_STANDBY,
      exposureOpen: true,
      ...about("exposed"),
      answers: { ...FIT, standbyRotatable: false },
    },
    { step: "page", reason: "standby-leaked" },
  ],
  [
    "standby: is used as it is when it was put there after the exposure",
    {
      slots: { ...BEFORE, standby: issued("standby", LATER, OTHER_KEY_ID) },
      exposureOpen: true,
      ...about("exposed"),
      answers: FIT,
    },
    { step: "promote-standby", standby: issued("standby", LATER, OTHER_KEY_ID), until: null },
  ],
  [
    "standby: is no help when it is a secret of the dead key itself",
    { slots: { ...BEFORE, standby: issued("same") }, ...about("expired"), answers: { active: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "none: tells a person that an expired key needs another one",
    { ...about("expired"), answers: { active: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "none: tells a person when the store of its own holds no standby",
    { ...about("expired"), standbyElsewhere: true, answers: { active: NO, standbyElsewhere: null } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "none: watches for an hour whether the person who revoked the key brings it back",
    { now: ASKED + REACTIVATION_MS - 1, answers: { active: NO } },
    { step: "wait", at: ASKED + REACTIVATION_MS - 1 + 2 * MINUTE, because: "may-be-reactivated" },
  ],
  [
    "none: tells a person that the hour is over",
    { now: ASKED + REACTIVATION_MS, answers: { active: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "none: does not speak of bringing back a key that is exposed",
    { exposureOpen: true, answers: { active: NO } },
    { step: "page", reason: "no-standby" },
  ],
  [
    "none: tells a person when the active slot is empty",
    { slots: EMPTY_SLOTS, ...about("manual") },
    { step: "page", reason: "no-standby" },
  ],
];

describe("the next step of a replacement:", () => {
  it.each(ROWS)("%s", (_promise, change, expected) => {
    const revoked = { intent: intent("revoked"), warnedExpiryAt: null };
    expect(nextReplacementStep(situation({ ...revoked, ...change }))).toEqual(expected);
  });
});
