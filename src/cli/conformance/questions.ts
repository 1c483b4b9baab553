/**
 * What Paddle's documentation leaves open, and what the rotator assumes about it. `assumed` null: it works either way
 * and nothing is assumed. `unlessSo`: the rotator relies on the assumption; what it means if it is wrong.
 */
export type Question = {
  /** Of docs/conformance.md. */
  readonly section: "API root" | "Keys" | "Rotations" | "Errors" | "Limits";
  readonly asks: string;
  readonly assumed: string | null;
  readonly unlessSo?: string;
};

export const QUESTIONS = {
  "root-open": {
    section: "API root",
    asks: "Does GET / answer without credentials?",
    assumed: "yes",
  },
  "caller-account": {
    section: "API root",
    asks: "How does GET / name the caller's account?",
    assumed: null,
  },
  "ips-open": { section: "API root", asks: "Does GET /ips answer without credentials?", assumed: null },
  "limit-headers": { section: "Limits", asks: "Which headers speak of rate limits?", assumed: null },
  "other-key": {
    section: "Errors",
    asks: "What is a key told that rotates another key?",
    assumed: "403 forbidden",
  },
  "expiry-past": {
    section: "Rotations",
    asks: "Is a new_key_expires_at in the past accepted?",
    assumed: null,
  },
  "expiry-far": {
    section: "Rotations",
    asks: "Is a new_key_expires_at more than a year ahead accepted?",
    assumed: null,
  },
  "expiry-null": { section: "Rotations", asks: "Is new_key_expires_at null accepted?", assumed: null },
  "expiry-accepted": {
    section: "Rotations",
    asks: "Is a new_key_expires_at 90 days ahead accepted?",
    assumed: "yes",
    unlessSo:
      "a rotation cannot prolong a key's life: keys that expire must be replaced by a person, each time",
  },
  "create-status": { section: "Rotations", asks: "With which status is a rotation created?", assumed: "2xx" },
  "new-key-usable": {
    section: "Rotations",
    asks: "Does the answer to the creation carry the whole new secret, with the key's id in its text?",
    assumed: "yes",
    unlessSo: "the rotator cannot tell which key a secret belongs to: do not run it against this account",
  },
  "status-shown": {
    section: "Rotations",
    asks: "Does a rotation carry its status?",
    assumed: "yes",
    unlessSo:
      "rotations by others, and what is left of interrupted ones, cannot be judged: the rotator alerts on each",
  },
  "expires-at-pending": {
    section: "Rotations",
    asks: "What is expires_at of a pending rotation?",
    assumed: "null or absent",
  },
  "created-at": { section: "Rotations", asks: "Does a rotation carry created_at?", assumed: null },
  "expiry-echoed": { section: "Rotations", asks: "Does a rotation carry new_key_expires_at?", assumed: null },
  "active-while-pending": {
    section: "Rotations",
    asks: "Is the former secret accepted while the rotation is pending?",
    assumed: "yes",
    unlessSo: "every rotation is an outage until the applications have the new secret",
  },
  "read-activates": {
    section: "Rotations",
    asks: "Does reading a rotation with the former secret leave it pending?",
    assumed: "yes",
    unlessSo: "looking at a rotation starts its grace: the rotator would lose time that it counts on",
  },
  "expiry-while-pending": {
    section: "Rotations",
    asks: "Does the key keep its expiry while the rotation is pending?",
    assumed: "yes",
  },
  "new-key-pending": {
    section: "Rotations",
    asks: "Does GET show the new secret of a pending rotation?",
    assumed: null,
  },
  "second-cancels": {
    section: "Rotations",
    asks: "What does a second rotation make of a pending one?",
    assumed: "canceled",
    unlessSo:
      "a rotation whose answer was lost stays open: issuing again is not safe, as the rotator takes it to be",
  },
  "canceled-refused": {
    section: "Rotations",
    asks: "Is the secret of a canceled rotation refused?",
    assumed: "yes",
    unlessSo:
      "a secret that was never saved may live: after an exposure, revoke the key in the dashboard instead of trusting a rotation",
  },
  "dead-code": {
    section: "Errors",
    asks: "How is a dead secret refused?",
    assumed: "403 invalid_token",
    unlessSo:
      "the rotator takes a dead secret for a passing fault: it tries again where it should replace the key",
  },
  "new-key-canceled": {
    section: "Rotations",
    asks: "Does GET show the new secret of a canceled rotation?",
    assumed: null,
  },
  "use-completes": {
    section: "Rotations",
    asks: "What is the rotation after the first use of its secret?",
    assumed: "completed",
    unlessSo: "the rotator takes the old secret's grace to have begun when it has not",
  },
  "old-in-grace": {
    section: "Rotations",
    asks: "Is the former secret accepted during its grace?",
    assumed: "yes",
    unlessSo: "every rotation is an outage until the applications have the new secret",
  },
  "grace-end": {
    section: "Rotations",
    asks: "Is expires_at of a completed rotation the end of the grace, counted from the first use?",
    assumed: "yes",
  },
  "new-key-completed": {
    section: "Rotations",
    asks: "Does GET show the new secret of a completed rotation?",
    assumed: null,
  },
  "expiry-applied": {
    section: "Rotations",
    asks: "Does the key have the new expiry once the rotation is completed?",
    assumed: "yes",
    unlessSo: "rotated keys expire on their old day: watch the sweep's warnings and replace them by hand",
  },
  "post-in-grace": {
    section: "Rotations",
    asks: "Can a key be rotated while a former secret is in its grace?",
    assumed: "yes",
    unlessSo:
      "an exposure during a grace cannot be answered by a rotation: revoke the key in the dashboard then",
  },
  "old-secrets": {
    section: "Rotations",
    asks: "Which former secrets live after two rotations with a grace?",
    assumed: null,
  },
  "expiry-kept": {
    section: "Rotations",
    asks: "Does a rotation without new_key_expires_at leave the expiry as it was?",
    assumed: "yes",
  },
  "post-with-new": {
    section: "Rotations",
    asks: "What does a rotation do that is asked for with a secret not used before?",
    assumed: "it completes the rotation of that secret",
  },
  "grace-zero": {
    section: "Rotations",
    asks: "Is the former secret refused at once after a rotation without grace?",
    assumed: "yes",
    unlessSo: "an exposed secret outlives its revocation: after an exposure, revoke the key in the dashboard",
  },
  "earlier-graces": {
    section: "Rotations",
    asks: "Does a rotation without grace end the graces of earlier ones?",
    assumed: null,
  },
  "list-complete": {
    section: "Rotations",
    asks: "Does the list of rotations have every rotation, whatever became of it?",
    assumed: "yes",
    unlessSo: "living secrets of earlier rotations may go unnoticed after an exposure",
  },
  "list-order": { section: "Rotations", asks: "How is the list of rotations ordered?", assumed: null },
  "list-new-key": {
    section: "Rotations",
    asks: "Do listed rotations carry new secrets?",
    assumed: null,
  },
  "dead-keys-listed": {
    section: "Keys",
    asks: "Does GET /api-keys list revoked and expired keys?",
    assumed: null,
  },
  "pending-lifetime": {
    section: "Rotations",
    asks: "How long does a rotation stay pending?",
    assumed: null,
  },
} as const satisfies Record<string, Question>;

export type QuestionId = keyof typeof QUESTIONS;
