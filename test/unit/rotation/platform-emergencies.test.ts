/** A key that its platform rotates, exposed, dead, or rotated by nobody here: which step comes next, row by row. */
import { describe, expect, it } from "vitest";
import type { Way } from "../../../src/rotation/platform.ts";
import { decide, DONE, IDLE, NEEDS_KEY, NEEDS_KEY_IN_TIME, refused, rotated } from "./platform-situations.ts";
import {
  EARLIER,
  HOUR,
  inGrace,
  intent,
  issued,
  LATER,
  MINUTE,
  NO,
  NOW,
  rotation,
  yes,
  type Row,
} from "./situations.ts";

const exposed = intent("exposed");

const ROWS: Readonly<Record<Exclude<Way, "graceful">, readonly Row[]>> = {
  resumed: [
    [
      "follows a rotation that the platform made by itself",
      { intent: intent("resume"), slots: rotated(NOW - HOUR), answers: { platform: IDLE, old: NO } },
      { step: "done", result: "followed" },
    ],
    [
      "asks for nothing new",
      { intent: intent("resume"), answers: { platform: IDLE, active: yes() } },
      { step: "done", result: "nothing-left" },
    ],
    [
      "asks at once for an old secret that was exposed",
      {
        intent: intent("resume"),
        slots: rotated(NOW + HOUR),
        exposureOpen: true,
        answers: { platform: DONE },
      },
      { step: "ask", slot: "old" },
    ],
  ],
  "revoke-first": [
    [
      "asks the platform for a rotation without a grace",
      { intent: exposed, answers: { platform: IDLE, active: yes() }, exposureOpen: true },
      { step: "ask-platform", graceSeconds: 0 },
    ],
    [
      "waits for no grace",
      {
        intent: exposed,
        slots: inGrace(NOW + HOUR, EARLIER),
        answers: { platform: IDLE, active: yes() },
      },
      { step: "ask-platform", graceSeconds: 0 },
    ],
    [
      "tells a person when secrets leak again and again",
      { intent: exposed, answers: { platform: IDLE, active: yes() }, recentRevokeFirsts: 3 },
      { step: "page", reason: "too-many-revoke-firsts" },
    ],
    [
      "asks the exposed secret at once",
      { intent: exposed, slots: rotated(NOW + HOUR), answers: { platform: DONE } },
      { step: "ask", slot: "old" },
    ],
    [
      "alarms of an exposed secret that lives, and watches it",
      { intent: exposed, slots: rotated(NOW + HOUR), answers: { platform: DONE, old: yes() } },
      { step: "wait", at: NOW + HOUR, because: "exposed-lives" },
    ],
    [
      "looks for former secrets that an earlier grace keeps alive",
      { intent: exposed, slots: rotated(NOW), answers: { platform: DONE, old: NO } },
      { step: "list-strange-graces" },
    ],
    [
      "waits for the end of an earlier grace",
      {
        intent: exposed,
        slots: rotated(NOW),
        answers: {
          platform: DONE,
          old: NO,
          strangeGraces: [rotation({ status: "completed", expiresAt: NOW + MINUTE })],
        },
      },
      { step: "wait", at: NOW + MINUTE + 2_000, because: "exposed-lives" },
    ],
    [
      "is done once nothing lives that was exposed",
      { intent: exposed, slots: rotated(NOW), answers: { platform: DONE, old: NO, strangeGraces: [] } },
      { step: "done", result: "rotated" },
    ],
    [
      "leaves an old secret alone that is younger than the exposure",
      {
        intent: exposed,
        slots: { ...rotated(NOW + HOUR), old: { ...issued("second", LATER), until: NOW + HOUR } },
        answers: { platform: DONE, strangeGraces: [] },
      },
      { step: "done", result: "rotated" },
    ],
  ],
  replace: [
    [
      "stands down where Paddle accepts the key again",
      { intent: intent("revoked"), answers: { platform: IDLE, active: yes() } },
      { step: "done", result: "reactivated" },
    ],
    [
      "needs another key where this one has expired",
      { intent: intent("expired"), answers: { platform: IDLE, active: yes({ status: "expired" }) } },
      NEEDS_KEY_IN_TIME,
    ],
    [
      "needs another key where this one was revoked",
      { intent: intent("revoked"), answers: refused(IDLE) },
      NEEDS_KEY,
    ],
  ],
};

describe.each(["resumed", "revoke-first", "replace"] as const)("a job that is %s", (way) => {
  it.each(ROWS[way])("%s", (_promise, change, step) => {
    expect(decide(way, change)).toEqual(step);
  });
});
