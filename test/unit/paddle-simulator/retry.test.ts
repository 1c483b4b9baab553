/** Paddle's retry rules for webhooks. */
import { describe, expect, it } from "vitest";
import type { Environment } from "../../support/paddle-simulator/account/mint.ts";
import { DEFAULT_SWITCHES, type Switches } from "../../support/paddle-simulator/switches.ts";
import { retryDelayMs } from "../../support/paddle-simulator/webhooks/retry.ts";

/** What happens to a webhook that is never answered. */
function fate(environment: Environment, webhookRetryCount: Switches["webhookRetryCount"]) {
  const switches = { ...DEFAULT_SWITCHES, webhookRetryCount };
  const afterEach = Array.from({ length: 100 }, (_, n) => retryDelayMs(n + 1, environment, switches));
  const delays = afterEach.filter((delayMs) => delayMs !== null);
  return { delays, attempts: delays.length + 1, totalMs: delays.reduce((sum, ms) => sum + ms, 0) };
}

describe("retries", () => {
  it.each([
    ["sandbox", "without-first", 4],
    ["sandbox", "with-first", 3],
    ["live", "without-first", 61],
    ["live", "with-first", 60],
  ] as const)("in %s, counted %s, make %i attempts", (environment, count, attempts) => {
    expect(fate(environment, count).attempts).toBe(attempts);
  });

  it("are over within 15 minutes in sandbox and within 3 days live", () => {
    expect(fate("sandbox", "without-first").totalMs).toBeLessThan(15 * 60_000);
    expect(fate("live", "without-first").totalMs).toBeLessThan(3 * 86_400_000);
  });

  it("come after a minute at first, and more and more slowly", () => {
    const { delays } = fate("live", "without-first");
    expect(delays[0]).toBe(60_000);
    expect(delays[1]).toBeCloseTo(60_000 * 2 ** 1.1);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  });
});
