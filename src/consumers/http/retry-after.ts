/** How long an answer asks to be left alone. */

/** A mistaken header must not let the grace pass by. */
const MOST_MS = 10 * 60_000;

/** Milliseconds of a `Retry-After` header in either form of RFC 9110; null: it is absent or makes no sense. */
export function retryAfterMs(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, MOST_MS);
  const date = text.endsWith(" GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.min(Math.max(date - now, 0), MOST_MS);
}
