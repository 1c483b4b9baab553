/** When Paddle tries a webhook again (Paddle's docs, "Respond to webhooks"; its webhook skill for the formula). */
import type { Environment } from "../account/mint.ts";
import type { Switches } from "../switches.ts";

const RETRIES = { live: 60, sandbox: 3 } as const;
const INTERVAL_MS = 60_000;
const EXPONENT = 1.1;

/** Milliseconds from the n-th failed attempt (the first is 1) to the next one; null: Paddle gives up. */
export function retryDelayMs(failed: number, environment: Environment, switches: Switches): number | null {
  const first = switches.webhookRetryCount === "without-first" ? 1 : 0;
  return failed < RETRIES[environment] + first ? INTERVAL_MS * failed ** EXPONENT : null;
}
