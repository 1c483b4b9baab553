import type { KeyOverview } from "../overview/overview.ts";

/** Gauges with a series for each key. What is not known of one has none. */
export type KeyPart = { readonly reset: () => void; readonly show: (key: KeyOverview) => void };

/** @param time epoch milliseconds or ISO 8601; null: not known */
export function toSeconds(time: number | string | null | undefined): number | null {
  if (time === null || time === undefined) return null;
  const ms = typeof time === "number" ? time : Date.parse(time);
  return Number.isFinite(ms) ? ms / 1_000 : null;
}
