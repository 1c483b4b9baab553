/** The runbook: somebody else acts on a key, or on its store. */
import { type Matters, AUTHENTICATION, LOOK, lower, REPLACE } from "./entry.ts";

const WHO = "Ask whoever else rotates keys: colleagues, scripts, AWS Secrets Manager.";
const REVOKE = {
  does: `If it was none of you, a stranger holds the secret: revoke the key in ${AUTHENTICATION}. Its applications fail until the next step is done.`,
};

export const STRANGERS: Matters<
  "foreign-rotation" | "foreign-rotation-countered" | "foreign-rotation-past" | "takeover" | "store-restored"
> = {
  "foreign-rotation": {
    title: "Somebody else rotates a key",
    severities: ["critical"],
    meaning:
      "A rotation was asked for that is not the rotator's, and is not used yet. Only who holds the key's secret can do that. The secret in the store still works.",
    actions: [
      { does: WHO },
      REVOKE,
      { ...REPLACE, does: `Then hand another key over: ${lower(REPLACE.does)}` },
    ],
    endsWhen:
      "By itself if one of you did it and drops it. With `foreignRotation: counter` the rotator answers the first one within 24 h by itself.",
  },
  "foreign-rotation-countered": {
    title: "Somebody else's rotation was answered",
    severities: ["critical"],
    meaning:
      "Somebody else asked for a rotation of the key. The rotator answers with one of its own without a grace: it cancels theirs, and ends the secret that they hold. Applications fail until they have read the new one.",
    actions: [
      { does: WHO },
      LOOK,
      {
        ...REVOKE,
        does: `If it happens again, a stranger holds the new secret, too: revoke the key in ${AUTHENTICATION}.`,
      },
      { ...REPLACE, does: `After that: ${lower(REPLACE.does)}` },
    ],
    endsWhen:
      "By itself: `exposure-handled` says when the secret that they hold is dead. It is done once in 24 h.",
  },
  "foreign-rotation-past": {
    title: "Somebody else had rotated a key",
    severities: ["warning"],
    meaning:
      "Somebody else rotated the key and used the new secret. The rotator has rotated the key since, so the newest secret is in the store again.",
    actions: [
      { does: WHO },
      REVOKE,
      { ...REPLACE, does: `Then hand another key over: ${lower(REPLACE.does)}` },
    ],
    endsWhen: "At once. Whoever did it held a secret of the key until then.",
  },
  takeover: {
    title: "Somebody else holds the newest secret of a key",
    severities: ["critical"],
    meaning:
      "Somebody else rotated the key and has used the new secret. The secret in the store dies with that rotation's grace: the alert says when. Then applications fail.",
    actions: [
      { does: WHO },
      {
        does: "If it was one of you: put their secret into the store, into the variable of the active one, before that time.",
      },
      REVOKE,
      { ...REPLACE, does: `Then hand another key over: ${lower(REPLACE.does)}` },
    ],
    endsWhen: "By your act: the newest secret in the store, or another key.",
  },
  "store-restored": {
    title: "A store was put back to an earlier state",
    severities: ["critical"],
    meaning:
      "The store holds a secret from before the last rotation, as after the restore of a backup. That secret dies with the rotation's grace: the alert says when. Then applications fail.",
    actions: [
      {
        does: "Put the secret of the rotation that the alert names back into the store: from a newer backup, or from an application that still has it.",
      },
      { ...REPLACE, does: `If nobody has it: ${lower(REPLACE.does)}` },
      { does: "See that Paddle accepts what the store holds.", command: "npm run rotator -- status <name>" },
    ],
    endsWhen: "By your act: the newest secret in the store, or another key.",
  },
};
