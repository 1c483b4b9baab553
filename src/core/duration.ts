/** Durations as people write and read them: `30s`, `5m`, `24h`, `60d` in, `23h 59m` out. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
];
const MS_PER_UNIT = new Map(UNITS);

// A whole number and one unit. Nothing can be read two ways: `1.5h` is 90m, `1h30m` is 90m.
const DURATION = /^(\d+)([smhd])$/;

/** Milliseconds of a written duration; `0` needs no unit. null: it is not one, or too long to count exactly. */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  const [, count = "", unit = ""] = DURATION.exec(text) ?? [];
  const ms = Number(count) * (MS_PER_UNIT.get(unit) ?? Number.NaN);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** A duration for people, rounded down to its two largest units: `6d 23h`, `1m 30s`, `45s`. Below a second: `0s`. */
export function formatDuration(ms: number): string {
  const largest = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  if (largest === -1) return "0s";
  let rest = ms;
  const parts = UNITS.slice(largest, largest + 2).map(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return { unit, count };
  });
  return parts.flatMap(({ unit, count }) => (count > 0 ? `${count}${unit}` : [])).join(" ");
}
