/** What a platform says, and slots as one leaves them, for its table. */
import type { PlatformState } from "../../../src/core/ports.ts";
import { platformTable, type Way } from "../../../src/rotation/platform.ts";
import type { Situation, Step } from "../../../src/rotation/situation.ts";
import { ASKED, EXPIRY, HOUR, inGrace, intent, MINUTE, NO, NOW, situation } from "./situations.ts";

export const IDLE: PlatformState = { kind: "idle" };
export const DONE: PlatformState = { kind: "done" };
export const running = (since: number): PlatformState => ({ kind: "running", since });
export const stuck = (finish: string | null = "finish it"): PlatformState => ({
  kind: "stuck",
  since: NOW - HOUR,
  free: "free it",
  finish,
});
/** Paddle refuses the active secret, and the platform was looked at after that. */
export const refused = (platform: PlatformState) => ({
  active: NO,
  platform,
  platformWhileRefused: platform,
});
/** Rotated by the platform: its dates, and no notes of ours. */
export const rotated = (until: number) => inGrace(until, { issuedAt: ASKED });

export const NEEDS_KEY = { step: "wait", at: NOW + 2 * MINUTE, because: "platform-needs-key" } as const;
export const NEEDS_KEY_IN_TIME = { ...NEEDS_KEY, at: NOW + 15 * MINUTE } as const;

export function decide(way: Way, change: Partial<Situation>): Step {
  const warnedExpiryAt = (change.intent ?? intent()).kind === "expiring" ? EXPIRY : null;
  return platformTable(way)(situation({ warnedExpiryAt, ...change }));
}
