/** Durations as people write and read them: `30s`, `5m`, `24h`, `60d` in, `23h 59m` out. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = { d: DAY, h: HOUR, m: MINUTE, s: SECOND } as const;

// A whole number and one unit. Nothing can be read two ways: `1.5h` is 90m, `1h30m` is 90m.
const DURATION = /^(\d+)(?<unit>[smhd])$/;

/** Milliseconds of a written duration; `0` needs no unit. null: it is not one, or too long to count exactly. */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  const match = DURATION.exec(text);
  if (!match) return null;
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return Number.isSafeInteger(ms) ? ms : null;
}

/** A duration for people, rounded down to its two largest units: `6d 23h`, `1m 30s`, `45s`. Below a second: `0s`. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNITS);
  const largest = units.findIndex(([, unitMs]) => ms >= unitMs);
  if (largest === -1) return "0s";
  let rest = ms;
  const parts = units.slice(largest, largest + 2).map(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return { unit, count };
  });
  return parts.flatMap(({ unit, count }) => (count > 0 ? `${count}${unit}` : [])).join(" ");
}
