/** Times as Paddle writes them: RFC 3339 in UTC, with a fraction of two lengths. */

/** `2026-11-21T01:00:00.200000Z`: what the API writes. */
export function longTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}

/** `2026-11-21T01:00:00.2Z`, `2026-12-01T00:00:00Z`: what webhooks write, and the API for a chosen time. */
export function shortTime(at: number): string {
  return new Date(at).toISOString().replace(/\.?0*Z$/, "Z");
}
