/** Makes what applications and programs say fit for errors, jobs and alerts: bounded, printable, and no secret. */

const HIDDEN = "[hidden]";
const MAX_LENGTH = 200;

// Far more than is shown, so that nothing is cut in two before it was recognised, and little to search through.
const MOST_READ = 4_096;

// Keys and webhook secrets by their prefix, credentials by what is before them, and anything else that is long enough
// to be one. Fingerprints have 23 characters, Paddle's ids 33, UUIDs 36, pods rarely more than 63, parted by dashes.
const SECRET_LIKE = [
  /pdl_\w+/g,
  /whsec_[\w+/=-]+/g,
  /(?<=\b(?:bearer|basic)\s+)[^\s"',;]+/gi,
  /(?<=:\/\/)[^\s/@]+(?=@)/g,
  /(?<=\b(?:password|passwd|token|secret|api[_-]?key)["']?\s*[=:]\s*["']?)[^\s"',;]+/gi,
  /[\w+]{40,}={0,2}/g,
];

// Control, formatting and separator characters, which could forge lines or hide text from its reader.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;

/** One printable line of at most 200 characters, and `…` where it was longer. It may be empty. */
export function quoted(text: string): string {
  // Characters that cannot be seen go first: a secret with one in the middle would not be recognised.
  const visible = text.slice(0, MOST_READ).replace(UNPRINTABLE, " ").trim();
  const line = SECRET_LIKE.reduce((rest, pattern) => rest.replace(pattern, HIDDEN), visible);
  return line.length <= MAX_LENGTH ? line : `${withoutHalf(line.slice(0, MAX_LENGTH - 1))}…`;
}

/** A cut in the middle of a character leaves half of it. */
function withoutHalf(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
