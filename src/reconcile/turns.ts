/** Whose turn it is, so that thousands of keys do not cost Paddle's whole budget in every sweep. Pure, and without memory. */
import { createHash } from "node:crypto";

const DAY_MS = 24 * 60 * 60 * 1000;

/** At most `max` of the list; which ones moves on with every sweep, so that each has its turn. */
export function takeTurn<Item>(
  items: readonly Item[],
  max: number,
  now: number,
  everyMs: number,
): ReadonlySet<Item> {
  if (items.length <= max) return new Set(items);
  const start = (Math.floor(now / everyMs) * max) % items.length;
  return new Set([...items.slice(start), ...items.slice(0, start)].slice(0, max));
}

/** True in one sweep of each day; which one depends on the id, so that ids are spread over the day. */
export function isDaysTurn(id: string, now: number, everyMs: number): boolean {
  const turns = Math.max(1, Math.floor(DAY_MS / everyMs));
  const turn = createHash("sha256").update(id).digest().readUInt32BE(0) % turns;
  return Math.floor(now / everyMs) % turns === turn;
}
