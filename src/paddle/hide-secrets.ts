/** Makes text from outside fit for errors and logs, which people paste into tickets. */
import { hideLivingSecrets } from "../core/living-secrets.ts";
import type { Secret } from "../core/secret.ts";

const HIDDEN = "[hidden]";

// Every Paddle key is longer than this: 69 characters now, 50 before May 2025 (Paddle: About API keys, Format).
// What should stay readable is shorter: request ids have 36, ids of entities 33.
// The secret of a notification destination may have a "/" anywhere in its random part.
const SECRET_LIKE = /pdl_ntf[a-z]*_[\w+/-]{16,}|[\w+-]{48,}/g;

// Control, formatting and separator characters, which could forge log lines or hide text from its reader.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;

const MAX_LENGTH = 200;

/** `text` without the secret that was sent, without those we hold and without anything long enough to be another one. */
export function hideSecrets(text: string, sent: Secret | null): string {
  const known = sent?.reveal();
  const withoutKnown = known ? text.replaceAll(known, HIDDEN) : text;
  return hideLivingSecrets(withoutKnown).replace(SECRET_LIKE, HIDDEN);
}

/** One printable line of at most 200 characters, secrets hidden before anything is cut off. */
export function quotable(text: string, sent: Secret | null): string {
  const line = hideSecrets(text, sent).replace(UNPRINTABLE, " ").trim();
  // A cut in the middle of a character leaves half of it, which toWellFormed() replaces.
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH).toWellFormed()}…`;
}
