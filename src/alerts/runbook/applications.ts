/** The runbook: what applications do after a rotation. */
import { type Matters, endOf, LOOK } from "./entry.ts";

export const APPLICATIONS: Matters<
  | "consumers-lag"
  | "consumers-switched"
  | "consumers-unwatched"
  | "check-failed"
  | "check-good-again"
  | "check-unwatched"
  | "rolled-back"
  | "rolled-back-by-check"
> = {
  "consumers-lag": {
    title: "Applications still use the former secret",
    severities: ["warning", "critical"],
    meaning:
      "The consumers that the alert names have not switched over to the new secret, at 50 % and 80 % of the time that the former one has. Critical: it is dead, so they fail now.",
    actions: [
      { does: "See who lags, and when the former secret dies.", page: "/keys/<name>" },
      {
        does: "Restart or reload them. They must read the active secret from the store, not a copy made when they started.",
      },
      {
        does: "If they can't use the new secret, and the former one lives: give it back for a while, and mend them.",
        command: "npm run rotator -- rollback <name>",
      },
    ],
    endsWhen:
      "By itself, when all of them use the new secret (`consumers-switched`), or when they are looked at no longer (`consumers-unwatched`).",
  },
  "consumers-switched": endOf(
    "consumers-lag",
    "All applications use the new secret",
    "Every consumer that can be looked at uses the active secret.",
  ),
  "consumers-unwatched": {
    ...endOf(
      "consumers-lag",
      "Applications that lagged are looked at no longer",
      "Another secret came into use, or they lagged for a day after the former one had died.",
    ),
    actions: [{ does: "See for yourself whether the applications work.", page: "/keys/<name>" }],
  },
  "check-failed": {
    title: "A check fails since a rotation",
    severities: ["warning", "critical"],
    meaning:
      "A check that was to show whether applications work with the new secret fails. Critical: it should have been rolled back, and could not; the alert says why.",
    actions: [
      LOOK,
      {
        does: "Find out whether the new secret is to blame: what do the applications' logs say of Paddle's answers?",
      },
      {
        does: "If it is, and the former secret lives: give it back for a while, and mend the applications.",
        command: "npm run rotator -- rollback <name>",
      },
      { does: "If it is not: mend the applications, or the check." },
    ],
    endsWhen:
      "By itself, when the check is good (`check-good-again`), or when it is looked at no longer (`check-unwatched`).",
  },
  "check-good-again": endOf("check-failed", "A check is good again", "The check that failed is good again."),
  "check-unwatched": {
    ...endOf(
      "check-failed",
      "A failing check is looked at no longer",
      "The check was failing, and its window is over, or the former secret is dead: nothing more follows from it.",
    ),
    actions: [{ does: "See for yourself whether the applications work.", page: "/keys/<name>" }],
  },
  "rolled-back": {
    title: "A person gave applications the former secret back",
    severities: ["warning"],
    meaning:
      "Applications read the former secret again, until it dies. That can't be called off: five minutes before, the newer one comes back by itself.",
    actions: [
      { does: "See until when.", page: "/keys/<name>" },
      { does: "Until then, mend the applications that can't use the newer secret." },
    ],
    endsWhen:
      "By itself, at the time in the alert: the newer secret comes back. Who still can't use it is told of by `consumers-lag`.",
  },
  "rolled-back-by-check": {
    title: "A failed check gave applications the former secret back",
    severities: ["critical"],
    meaning:
      "A check failed with the new secret, so applications read the former one again, until it dies. That can't be called off: five minutes before, the newer one comes back by itself, and is not rolled back again.",
    actions: [
      { does: "See until when.", page: "/keys/<name>" },
      {
        does: "Until then, mend the applications that can't use the newer secret. The alert says what the check saw.",
      },
    ],
    endsWhen:
      "By itself, at the time in the alert: the newer secret comes back, whether applications can use it or not.",
  },
};
