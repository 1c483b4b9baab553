/** A key that its platform rotates, when nothing is wrong with it: which step comes next, row by row. */
import { expect, it } from "vitest";

import {
  decide,
  DONE,
  IDLE,
  NEEDS_KEY,
  NEEDS_KEY_IN_TIME,
  refused,
  rotated,
  running,
  stuck,
} from "./platform-situations.ts";
import {
  ASKED,
  EARLIER,
  EXPIRY,
  HOUR,
  inGrace,
  intent,
  issued,
  LATER,
  MINUTE,
  NO,
  NOW,
  OTHER_KEY_ID,
  overlapping,
  POLICY,
  REPLACED,
  yes,
  type Row,
} from "./situations.ts";

const manual = intent("manual");

const ROWS: readonly Row[] = [
  [
    "is over for a key that a person replaced before it was asked",
    { slots: REPLACED },
    { step: "done", result: "replaced" },
  ],
  [
    "has consumers told of the key that a person put there meanwhile",
    { slots: { ...REPLACED, active: issued("other", { issuedAt: ASKED }, OTHER_KEY_ID) } },
    { step: "done", result: "switched" },
  ],
  [
    "looks at the former key, which a person must end",
    { slots: overlapping(NOW - HOUR) },
    { step: "read-former" },
  ],
  ["gives way to an exposure", { exposureOpen: true }, { step: "done", result: "gave-way" }],
  ["looks at the platform first", { intent: manual }, { step: "look-at-platform" }],
  [
    "waits for a rotation that is under way",
    { intent: manual, answers: { platform: running(NOW) } },
    { step: "wait", at: NOW + 5_000, because: "platform-rotates" },
  ],
  [
    "waits longer, the longer it takes",
    { intent: manual, answers: { platform: running(NOW - 80_000) } },
    { step: "wait", at: NOW + 20_000, because: "platform-rotates" },
  ],
  [
    "waits for a minute at most",
    { intent: manual, answers: { platform: running(NOW - HOUR) } },
    { step: "wait", at: NOW + MINUTE, because: "platform-rotates" },
  ],
  [
    "asks the active secret before it asks the platform",
    { intent: manual, answers: { platform: IDLE } },
    { step: "ask", slot: "active" },
  ],
  [
    "asks the platform, with the grace that is wanted",
    { intent: manual, answers: { platform: IDLE, active: yes() }, graceSeconds: 7 },
    { step: "ask-platform", graceSeconds: 7 },
  ],
  [
    "never begins a second grace while one runs",
    {
      intent: manual,
      slots: inGrace(NOW + HOUR, EARLIER),
      answers: { platform: IDLE, active: yes() },
    },
    { step: "wait", at: NOW + HOUR + 2_000, because: "old-in-grace" },
  ],
  [
    "asks the old secret before it begins another grace",
    {
      intent: manual,
      slots: inGrace(NOW - HOUR, EARLIER),
      answers: { platform: IDLE, active: yes() },
    },
    { step: "ask", slot: "old" },
  ],
  [
    "begins another grace once the old secret is dead",
    {
      intent: manual,
      slots: inGrace(NOW - HOUR, EARLIER),
      answers: { platform: IDLE, active: yes(), old: NO },
    },
    { step: "ask-platform", graceSeconds: 86_400 },
  ],
  [
    "waits for the window of a rotation that the policy asks for",
    {
      intent: intent("scheduled"),
      answers: { platform: IDLE, active: yes() },
      policy: { ...POLICY, window: { days: ["sun"], from: 0, to: 60, timeZone: "UTC" } },
    },
    { step: "wait", at: Date.parse("2026-11-29T00:00:00Z"), because: "outside-window" },
  ],
  [
    "never asks the old secret in its grace: that would look like use",
    { intent: manual, slots: rotated(NOW + HOUR), answers: { platform: DONE } },
    { step: "wait", at: NOW + HOUR + 2_000, because: "old-in-grace" },
  ],
  [
    "asks the old secret after its grace",
    { intent: manual, slots: rotated(NOW - 2_000), answers: { platform: DONE } },
    { step: "ask", slot: "old" },
  ],
  [
    "is done once Paddle refuses the old secret",
    { intent: manual, slots: rotated(NOW - HOUR), answers: { platform: DONE, old: NO } },
    { step: "done", result: "rotated" },
  ],
  [
    "watches an old secret that outlives its grace",
    { intent: manual, slots: rotated(NOW - HOUR), answers: { platform: DONE, old: yes() } },
    { step: "wait", at: NOW + 5 * MINUTE, because: "old-outlives-grace" },
  ],
  [
    "leaves to others what was rotated after it was asked for",
    { intent: manual, slots: inGrace(NOW - HOUR, LATER), answers: { platform: IDLE, old: NO } },
    { step: "done", result: "met-already" },
  ],
  [
    "is done although the platform's clock is behind ours",
    { intent: manual, slots: inGrace(NOW - HOUR, EARLIER), answers: { platform: DONE, old: NO } },
    { step: "done", result: "rotated" },
  ],
  [
    "asks whether the active secret lives before it says how to free the platform",
    { intent: manual, answers: { platform: stuck() } },
    { step: "ask", slot: "active" },
  ],
  [
    "waits for a person to free the platform",
    { intent: manual, answers: { platform: stuck(), active: yes() } },
    { step: "wait", at: NOW + 2 * MINUTE, because: "platform-stuck" },
  ],
  [
    "looks again after a refusal: the platform may be between two secrets",
    { intent: manual, answers: { platform: IDLE, active: NO } },
    { step: "look-at-platform" },
  ],
  [
    "waits while the platform is between two secrets",
    { intent: manual, answers: { ...refused(running(NOW)), platform: IDLE } },
    { step: "wait", at: NOW + 5_000, because: "platform-rotates" },
  ],
  [
    "waits for a person to finish what the platform began, where the active secret is dead",
    { intent: manual, answers: refused(stuck()) },
    { step: "wait", at: NOW + 2 * MINUTE, because: "platform-stuck" },
  ],
  [
    "needs another key where the platform is stuck, and has no secret that works",
    { intent: manual, answers: refused(stuck(null)) },
    NEEDS_KEY,
  ],
  [
    "needs another key where Paddle refuses the active secret",
    { intent: manual, answers: refused(IDLE) },
    NEEDS_KEY,
  ],
  [
    "looks for a standby to name before it asks for another key",
    { intent: manual, answers: refused(IDLE), standbyElsewhere: true },
    { step: "find-standby" },
  ],
  [
    "needs another key in time where its key expires: a platform gives it no new expiry",
    { answers: { active: yes() } },
    NEEDS_KEY_IN_TIME,
  ],
  [
    "is not helped against its expiry by a rotation that the platform made meanwhile",
    { slots: rotated(NOW + HOUR), answers: { active: yes() } },
    NEEDS_KEY_IN_TIME,
  ],
  [
    "needs another key before an expiry where the active secret is dead, whatever the platform has made",
    { slots: rotated(NOW + HOUR), answers: refused(DONE) },
    NEEDS_KEY,
  ],
  [
    "is past a warning of an expiry that was put off",
    { answers: { active: yes({ expiresAt: EXPIRY + HOUR }) } },
    { step: "done", result: "stale" },
  ],
  [
    "needs another key where this one was made without rotation",
    { intent: manual, answers: { platform: IDLE, active: yes({ rotatable: false }) } },
    NEEDS_KEY_IN_TIME,
  ],
];

it.each(ROWS)("%s", (_promise, change, step) => {
  expect(decide("graceful", change)).toEqual(step);
});
