/** How long another service wants to be left alone. */

/** `Retry-After: 0` asks for nothing, yet came with a refusal. */
const LEAST_MS = 1_000;
/** A mistaken header must not silence a night. */
const MOST_MS = 15 * 60_000;

/**
 * Milliseconds of silence that a `Retry-After` header asks for, in either form of RFC 9110: seconds or a date.
 * Between 1 s and 15 min; null for a header that is absent (null) or makes no sense.
 *
 * @param now epoch milliseconds, for the date form
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  const asked = parse(header?.trim() ?? "", now);
  return asked === null ? null : Math.min(Math.max(asked, LEAST_MS), MOST_MS);
}

function parse(text: string, now: number): number | null {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!text.endsWith(" GMT")) return null;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : date - now;
}
