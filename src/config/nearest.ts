/** Finds the known name that a mistyped one was probably meant to be. */

/** At most this many slips of the finger lie between a typo and the name that was meant. */
const MAX_SLIPS = 2;

/** The known name nearest to `name`, whatever its case; undefined: none is near enough to be what was meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const candidates = known
    // A name changed by half is another name: `old` is not `id`.
    .map((candidate) => ({ candidate, most: Math.min(MAX_SLIPS, Math.floor(candidate.length / 2)) }))
    // Spares the table for names that differ in length alone by too much.
    .filter(({ candidate, most }) => Math.abs(candidate.length - name.length) <= most)
    .map(({ candidate, most }) => ({
      candidate,
      most,
      slips: slipsBetween(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ slips, most }) => slips <= most);
  return candidates.toSorted((a, b) => a.slips - b.slips)[0]?.candidate;
}

/** Edit distance in which two letters that swapped places count as one slip (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
