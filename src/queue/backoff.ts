/** When a job that failed is tried again. */

const FIRST_MS = 2_000;
const LONGEST_MS = 10 * 60_000;
/** The part of a wait that chance may take away, so that jobs that failed together do not return together. */
const SPREAD = 0.25;

/**
 * Milliseconds from the `failures`th failure to the next try: 2 s, doubling to 10 minutes, up to a quarter less.
 * `random`: from 0 (included) to 1.
 */
export function backoffMs(failures: number, random: () => number): number {
  return Math.round(nominalMs(failures) * (1 - SPREAD * random()));
}

/**
 * How many attempts fill `ms` milliseconds of waiting. Chance evens out over hundreds of waits, so each counts
 * with its mean. Seven days make 1,161 attempts: 9 waits that double, and a thousand of 8 minutes and 45 seconds.
 */
export function attemptsWithin(ms: number): number {
  let failures = 0;
  for (let waited = 0; waited < ms; waited += nominalMs(failures) * (1 - SPREAD / 2)) failures += 1;
  return failures + 1;
}

function nominalMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
}
