/** A limit to how long an answer is waited for. */
import type { Clock } from "./ports.ts";

/** Settles as `work` does, or after `ms` by throwing what `late` makes. The work itself goes on. */
export async function waitWithin<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  const settled = new AbortController();
  const deadline = clock.sleep(ms, settled.signal).then(() => {
    throw late();
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    settled.abort();
  }
}
