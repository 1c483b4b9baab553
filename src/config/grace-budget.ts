/** The grace budget: the former secret must outlive the slowest consumer's switch-over. */
import { z } from "zod";
import { formatDuration } from "../core/duration.ts";

/** Clocks, and the time that a look at the consumers takes. */
const MARGIN_MS = 5 * 60_000;

const Key = z.object({
  rotation: z.object({ graceSeconds: z.number() }),
  consumers: z.array(z.object({ name: z.string(), refreshMs: z.number(), timeoutMs: z.number() })),
});

/** For `superRefine` on the list `keys`, which may hold anything. */
export function graceSuffices(keys: unknown, context: z.RefinementCtx): void {
  if (!Array.isArray(keys)) return;
  for (const [index, key] of keys.entries()) {
    const { data } = Key.safeParse(key);
    if (!data) continue;
    const [slowest] = data.consumers.toSorted((a, b) => takes(b) - takes(a));
    if (!slowest) continue;
    const least = takes(slowest) + MARGIN_MS;
    if (data.rotation.graceSeconds * 1000 >= least) continue;
    context.addIssue({
      code: "custom",
      path: [index, "rotation", "grace"],
      message:
        `must be at least ${formatDuration(least)}: ${slowest.name} may hold the old secret for ` +
        `${formatDuration(slowest.refreshMs)} (refresh) and take ${formatDuration(slowest.timeoutMs)} ` +
        `to be rolled out (timeout), and ${formatDuration(MARGIN_MS)} are a margin; ` +
        "raise grace, or lower refresh or timeout",
    });
  }
}

function takes({ refreshMs, timeoutMs }: { readonly refreshMs: number; readonly timeoutMs: number }): number {
  return refreshMs + timeoutMs;
}
