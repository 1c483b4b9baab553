/** Waits for something to come true instead of for time to pass. Use vitest's `expect.poll` for assertions. */
import { setTimeout as pause } from "node:timers/promises";

/**
 * Resolves with the first value that is neither false, null nor undefined; throws after `deadlineMs`. `everyMs`: for what
 * costs more to look at than a variable, or takes seconds anyway.
 */
export async function until<Value>(
  what: string,
  attempt: () => Promise<Value> | Value,
  deadlineMs = 15_000,
  everyMs = 5,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await attempt();
    if (value !== null && value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await pause(everyMs);
  }
}
