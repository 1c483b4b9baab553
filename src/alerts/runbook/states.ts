/** The runbook: states that pages show and that are no alerts. */
import { type Matter, REPLACE, ROTATE } from "./entry.ts";

/** Those of a key are called as in `KeyState` (overview/key-view.ts). */
export type StateKind =
  | "state-steady"
  | "state-pending"
  | "state-in-grace"
  | "state-retiring"
  | "state-rolled-back"
  | "state-legacy-key"
  | "state-no-active-secret"
  | "state-store-unreachable"
  | "state-job-waits"
  | "state-job-failed";

export const STATES: Readonly<Record<StateKind, Matter>> = {
  "state-steady": {
    title: "Steady",
    severities: [],
    meaning: "The store holds one secret, and nothing is in flight.",
    actions: [],
    endsWhen: "When the key is rotated.",
  },
  "state-pending": {
    title: "A new secret is staged",
    severities: [],
    meaning:
      "A rotation was asked for, and its secret is saved and not used yet. Applications use the former one, which works. It takes seconds.",
    actions: [
      { does: "Nothing, unless it lasts for over 15 minutes. Then see what its job says.", page: "/queues" },
      { does: "If no job is at work: the next sweep makes one, within 15 minutes." },
    ],
    endsWhen:
      "By itself: its first use activates it. Staged for longer than 15 minutes, it is resumed by a sweep.",
  },
  "state-in-grace": {
    title: "Two secrets work",
    severities: [],
    meaning:
      "The new secret is in use, and the former one works until the time that is shown. Applications switch over meanwhile.",
    actions: [
      { does: "Nothing. See who has not switched over.", page: "/keys/<name>" },
      {
        does: "If applications can't use the new one: give the former one back for a while.",
        command: "npm run rotator -- rollback <name>",
      },
    ],
    endsWhen: "By itself: the former secret dies at the end of its grace.",
  },
  "state-retiring": {
    title: "The former secret is about to leave the store",
    severities: [],
    meaning:
      "The grace of the former secret is over. It leaves the store when Paddle is seen to refuse it. Of a former key: when a person has revoked it.",
    actions: [
      {
        does: "Nothing, unless it lasts for over 15 minutes. Then look for an open incident: `old-outlives-grace`, `former-key-lives` or `exposed-secret-lives`.",
        page: "/keys/<name>",
      },
    ],
    endsWhen: "By itself, when Paddle refuses it.",
  },
  "state-rolled-back": {
    title: "Applications use the former secret again",
    severities: [],
    meaning:
      "Somebody, or a failed check, gave it back. Five minutes before it dies, the newer one comes back by itself.",
    actions: [
      { does: "Until then, mend the applications that can't use the newer secret.", page: "/keys/<name>" },
    ],
    endsWhen: "By itself, before the former secret dies.",
  },
  "state-legacy-key": {
    title: "A key that cannot be rotated",
    severities: [],
    meaning: "The secret names no key id, as those from before May 2025: it can only be replaced.",
    actions: [REPLACE],
    endsWhen: "By your act: another key.",
  },
  "state-no-active-secret": {
    title: "No key",
    severities: [],
    meaning: "The store holds no active secret: applications that read it have no key.",
    actions: [
      { does: "See what is read, and from where.", command: "npm run rotator -- check" },
      {
        does: "Create a rotatable key in Paddle > Developer tools > Authentication, and put its secret into the store.",
      },
    ],
    endsWhen: "By your act: a secret in the store.",
  },
  "state-store-unreachable": {
    title: "The store does not answer",
    severities: [],
    meaning:
      "It is not known what the key's state is. Applications that have its secret go on working. The key is not rotated.",
    actions: [
      { does: "Mend what is named: address, credentials, permissions, network." },
      { does: "See whether it is mended.", command: "npm run rotator -- check" },
    ],
    endsWhen: "By itself, when the store answers.",
  },
  "state-job-waits": {
    title: "A job waits",
    severities: [],
    meaning:
      "Waiting is most of a rotation: for the end of a grace, a window, applications, or the next try. The job says for what, and until when.",
    actions: [
      { does: "See what it waits for.", page: "/queues" },
      { does: "See the same of all keys.", command: "npm run rotator -- plan" },
    ],
    endsWhen: "By itself, at the time that it names.",
  },
  "state-job-failed": {
    title: "A job stands as failed",
    severities: [],
    meaning:
      "It was tried for about seven days, or it needs a person, and then its last word says what was told to whom. It is not tried again, and stays as a record.",
    actions: [
      { does: "Read its last word, and the alert that was raised about it.", page: "/keys/<name>" },
      {
        ...ROTATE,
        does: "When the cause is mended and the key is not as it should be: ask for the rotation again, or do what the alert says.",
      },
    ],
    endsWhen:
      "By your act: what it was to do is done by another job. It runs again when its webhook is replayed in Paddle > Developer tools > Notifications.",
  },
};
