/** The runbook: keys that are dead or cannot rotate themselves, and what changed about a key. */
import { type Matters, AUTHENTICATION, LOOK, REPLACE, ROTATE } from "./entry.ts";

export const DEAD_KEYS: Matters<
  | "key-expired"
  | "key-revoked"
  | "key-lost"
  | "not-rotatable"
  | "key-not-rotatable"
  | "key-works"
  | "key-reactivated"
  | "no-active-secret"
  | "legacy-key"
  | "expiry-unplanned"
  | "key-never-rotated"
  | "permissions-changed"
> = {
  "key-expired": {
    title: "A key has expired",
    severities: ["critical"],
    meaning: "The key is dead, and no standby could take its place: the applications that use it fail.",
    actions: [REPLACE],
    endsWhen:
      "By your act: another key takes its place as soon as it is handed over, and `key-works` says so.",
  },
  "key-revoked": {
    title: "A key was revoked",
    severities: ["critical"],
    meaning: "The key is dead, and no standby could take its place: the applications that use it fail.",
    actions: [
      {
        does: `If it was a mistake and the alert names a time that is not over: reactivate the key in ${AUTHENTICATION}. Nothing else is to be done then.`,
      },
      {
        ...REPLACE,
        does: `Else: create a new rotatable key with the same permissions in ${AUTHENTICATION}, then hand it over. The command asks for the key; it is no argument.`,
      },
    ],
    endsWhen:
      "By your act: another key takes its place as soon as it is handed over. A reactivated key goes on by itself within minutes. Either way `key-works` says so.",
  },
  "key-lost": {
    title: "Paddle accepts no secret that we hold",
    severities: ["critical"],
    meaning:
      "No secret in the store is accepted, and no event said why: the key was revoked, has expired, or somebody else rotated it. The applications that use it fail, or will soon.",
    actions: [
      {
        does: `Look at the key in ${AUTHENTICATION}. If it is still active and none of you rotated it, a stranger holds it: revoke it.`,
      },
      {
        does: "If one of you rotated it: put the new secret into the store, into the variable of the active one.",
      },
      {
        ...REPLACE,
        does: "Else hand another key over: a new rotatable one with the same permissions. The command asks for it.",
      },
    ],
    endsWhen:
      "By your act: a secret that Paddle accepts, or another key; `key-works` says so. You are told again each day until then.",
  },
  "not-rotatable": {
    title: "A key that is due cannot be rotated",
    severities: ["critical"],
    meaning:
      "The key works, is due, and was made without rotation, which can't be changed. No standby could take its place. The alert says when it expires.",
    actions: [REPLACE],
    endsWhen:
      "By your act: another key takes its place. The former one lives on beside it, until you are asked to revoke it. `key-works` says when.",
  },
  "key-not-rotatable": {
    title: "A key cannot be rotated",
    severities: ["warning"],
    meaning:
      "The key works, and was made without rotation, which can't be changed. When it expires or leaks, only another key helps.",
    actions: [
      {
        ...REPLACE,
        does: `In time: create a new rotatable key with the same permissions in ${AUTHENTICATION}, then hand it over. The command asks for the key.`,
      },
    ],
    endsWhen: "By your act: another key. You are not told again until the key is due.",
  },
  "key-works": {
    title: "A key works again",
    severities: ["info"],
    meaning: "You were paged about the key, and since then a rotation or another key has put it right.",
    actions: [],
    endsWhen: "At once: it is the end of the page whose incident it names, and closes what that had opened.",
  },
  "key-reactivated": {
    title: "A key works again",
    severities: ["info"],
    meaning: "The key was reported as ended, and Paddle accepts it now: somebody reactivated it.",
    actions: [],
    endsWhen: "At once. Alerts that said that the key was dead are settled by it.",
  },
  "no-active-secret": {
    title: "The store holds no key",
    severities: ["warning"],
    meaning: "The store has no active secret: applications that read it have no key, and nothing is rotated.",
    actions: [
      { does: "See what the rotator reads, and from where.", command: "npm run rotator -- check" },
      {
        does: `Create a rotatable key in ${AUTHENTICATION} and put its secret into the store, at the place that the alert names.`,
      },
    ],
    endsWhen:
      "By your act: the next sweep finds the secret (every 15 minutes unless `reconcile.every` says otherwise).",
  },
  "legacy-key": {
    title: "A key from before May 2025",
    severities: ["warning"],
    meaning:
      "The secret in the store names no key id: it is a legacy key, or none of Paddle's. It can't be rotated, and events about it can't be matched for certain.",
    actions: [REPLACE],
    endsWhen: "By your act: another key takes its place.",
  },
  "expiry-unplanned": {
    title: "A key expires, and nothing is planned",
    severities: ["warning"],
    meaning: "The key expires within 7 days, and no rotation is due before that.",
    actions: [
      ROTATE,
      {
        ...REPLACE,
        does: "If it is not rotatable: create a new rotatable key with the same permissions, and hand it over. The command asks for it.",
      },
      {
        does: "Then set `every` or `renewBefore` in its `rotation`, so that it is planned next time.",
        command: "npm run rotator -- plan",
      },
    ],
    endsWhen: "By itself, when the key has a later expiry; it is not told.",
  },
  "key-never-rotated": {
    title: "A key is never rotated",
    severities: ["warning"],
    meaning: "The key has no expiry, and its configuration no `every`: its secret stays the same for ever.",
    actions: [
      {
        does: "Set `every` in the `rotation` of the key in `rotator.yaml`, for example `60d`, and restart the rotator.",
      },
      { does: "See when it is due.", command: "npm run rotator -- plan" },
    ],
    endsWhen: "By your act: the configuration. You are not told again.",
  },
  "permissions-changed": {
    title: "Somebody changed what a key may do",
    severities: ["warning"],
    meaning:
      "The permissions of the key are not what they were. What is lost fails in the applications at once.",
    actions: [
      {
        does: `If you did not mean that, set them right in ${AUTHENTICATION}, and find out who changed them.`,
      },
      LOOK,
    ],
    endsWhen: "At once: it tells of a change. The change back is told in the same way.",
  },
};
