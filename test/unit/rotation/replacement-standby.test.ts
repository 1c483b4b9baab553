/** The table of a replacement, its end: the key is dead, and there is a standby, or none. */
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import type { IntentKind } from "../../../src/core/work.ts";
import { nextReplacementStep, REACTIVATION_MS } from "../../../src/rotation/replacement.ts";
import type { Situation } from "../../../src/rotation/situation.ts";
import {
  ASKED,
  BEFORE,
  HOUR,
  intent,
  issued,
  LATER,
  MINUTE,
  NO,
  NOW,
  OTHER_KEY_ID,
  POLICY,
  type Row,
  situation,
  yes,
} from "./situations.ts";

const STANDBY = issued("standby", {}, OTHER_KEY_ID);
const WITH_STANDBY = { ...BEFORE, standby: STANDBY };
const FIT = { active: NO, standbyFaults: [] } as const;
const REFUSED = { kind: "refused", says: "Paddle refuses it." } as const;
const about = (kind: IntentKind): Partial<Situation> => ({ intent: intent(kind) });

const ROWS: Row[] = [
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
