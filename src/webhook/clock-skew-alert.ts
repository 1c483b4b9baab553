/** The words of the alert about a clock that is off. Without it, a wrong clock refuses every webhook in silence. */
import type { Alert, AlertKind } from "../core/alert.ts";

/**
 * One id per hour: people are told once an hour for as long as it lasts.
 *
 * @param skewMs now minus the time at which Paddle signed; positive when the webhook looks old
 * @param now epoch milliseconds
 */
export function clockSkew(skewMs: number, toleranceMs: number, now: number): Alert {
  const hour = new Date(now).toISOString().slice(0, "2026-11-21T05".length);
  const direction = skewMs > 0 ? "behind" : "ahead of";
  return {
    id: `clock-skew-${hour}`,
    kind: "clock-skew" satisfies AlertKind,
    severity: "critical",
    keyName: null,
    keyId: null,
    happened:
      `A webhook that Paddle did sign was refused: its timestamp is ${seconds(Math.abs(skewMs))} ${direction} this ` +
      `machine's clock, and ${seconds(toleranceMs)} are tolerated. If the clock is off, every webhook is refused.`,
    action:
      "Now: compare this machine's clock with the right time (`timedatectl`) and let NTP set it. Until then Paddle " +
      "retries each webhook, for 3 days (sandbox: 15 minutes). If the clock is right, something delays webhooks on " +
      "their way here, or somebody sends an old one again.",
    raisedAt: now,
  };
}

function seconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(1))} s`;
}
