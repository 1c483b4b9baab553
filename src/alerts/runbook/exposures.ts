/** The runbook: keys that leaked, or may have. */
import { type Matters, AUTHENTICATION, endOf, LOOK, lower, REPLACE, REVOKE_FIRST } from "./entry.ts";

export const EXPOSURES: Matters<
  | "key-exposed"
  | "exposure-handled"
  | "exposure-still-open"
  | "exposed-secret-lives"
  | "exposed-secret-dead"
  | "too-many-revoke-firsts"
  | "maybe-exposed"
> = {
  "key-exposed": {
    title: "A leaked key cannot be rotated",
    severities: ["critical"],
    meaning:
      "The secret was found in public, and the rotator can't end it: Paddle has revoked the key, or refuses its secret, or the key was made without rotation, or it is not managed here. No standby took its place. Applications that use it fail, or strangers can use it, or both.",
    actions: [
      { does: `Revoke the key that the alert names in ${AUTHENTICATION}, unless it is revoked already.` },
      REPLACE,
      {
        does: "If the alert names no managed key: find the applications that use it, and give them another one by hand.",
      },
      { does: `Look in ${AUTHENTICATION} and in your logs for what was done with the leaked key.` },
    ],
    endsWhen:
      "By your act: when another key was handed over, it takes the place of the leaked one by itself.",
  },
  "exposure-handled": {
    title: "A leaked secret is dead",
    severities: ["warning"],
    meaning:
      "The secret was found in public. It is dead, and the store holds a new one. The alert says when it died.",
    actions: [
      { does: "Restart or reload the applications that still hold the dead secret.", page: "/keys/<name>" },
      { does: `Look in ${AUTHENTICATION} and in your logs for what was done with it until then.` },
      { does: "Find out how it leaked, and close that: the new secret takes the same way." },
    ],
    endsWhen: "At once: the key is safe. What is left is yours.",
  },
  "exposure-still-open": {
    title: "A leaked key blocks its rotation",
    severities: ["critical"],
    meaning:
      "The key is due, and its exposure was not dealt with for over an hour. Nothing rotates the key before that is done, and it will expire.",
    actions: [LOOK, REVOKE_FIRST, { ...REPLACE, does: `If that is refused: ${lower(REPLACE.does)}` }],
    endsWhen: "By your act: a revoke-first rotation or a new key closes the exposure, and rotations go on.",
  },
  "exposed-secret-lives": {
    title: "A secret that should be dead still works",
    severities: ["critical"],
    meaning:
      "The key was rotated without a grace, and Paddle still accepts a former secret. Whoever found it can use it. The alert says which secret, and when it should die.",
    actions: [
      {
        does: `Decide now whether whoever has it can do harm. If so, revoke the key in ${AUTHENTICATION}: its applications fail from then on.`,
      },
      { ...REPLACE, does: `After that: ${lower(REPLACE.does)}` },
      {
        does: "Else wait. Paddle is asked again until it refuses the secret, unless the alert says that nobody asks: then look after it yourself.",
      },
    ],
    endsWhen:
      "By itself, when Paddle refuses the secret: `exposed-secret-dead` says so. Until then you are reminded. A secret that is not in the store is looked at by nobody, and has no end message.",
  },
  "exposed-secret-dead": endOf(
    "exposed-secret-lives",
    "The secret is dead at last",
    "Paddle refuses the secret that should have been dead.",
  ),
  "too-many-revoke-firsts": {
    title: "A key leaks again and again",
    severities: ["critical"],
    meaning:
      "The key was exposed again after several rotations within one hour (`revokeFirstsPerHour`): its new secrets leak, too. The rotator does not rotate it for this exposure any more, because that does not help.",
    actions: [
      {
        does: "Find the leak first: where do the applications, or their builds and logs, publish the secret?",
      },
      { does: `If strangers use the key, revoke it in ${AUTHENTICATION}, and then hand over another one.` },
      {
        ...REVOKE_FIRST,
        does: "When the leak is closed, and an hour after the last of those rotations: rotate it once more. It asks you to confirm.",
      },
      { ...REPLACE, does: `If you revoked it, or it is refused: ${lower(REPLACE.does)}` },
    ],
    endsWhen: "By your act: a rotation after the leak was closed, or another key.",
  },
  "maybe-exposed": {
    title: "Nobody knows whether the secret in use leaked",
    severities: ["critical"],
    meaning:
      "Paddle says that the key was found in public, and the secret in use was put into the store by a person, so it is not known which of the two came first. Killing it is left to you.",
    actions: [
      {
        does: "Find out when the secret in the store was made. If that was before the time in the alert, it may be the leaked one.",
      },
      { ...REVOKE_FIRST, does: "If it may be: kill it, and make another. It asks you to confirm." },
      {
        ...REPLACE,
        does: "If the alert is about a standby, whose name is no key of the configuration: create a new rotatable key and put it into the standby's place. Else, if the rotation is refused, hand another key over.",
      },
    ],
    endsWhen:
      "By your act: a new secret is younger than the exposure. If it was no leak, do nothing: you are not told again.",
  },
};
