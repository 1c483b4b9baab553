/** When a key's secret is due for rotation by the policies of the key. Pure: the sweep compares it with its clock. */
import { createHash } from "node:crypto";
import type { RotationPolicy } from "./managed-key.ts";
import { nextOpening, type Window } from "./window.ts";

const DAY_MS = 86_400_000;

/** All times in epoch milliseconds. */
export type DueInput = {
  readonly policy: Pick<RotationPolicy, "everyMs" | "renewBeforeMs" | "jitterMs" | "window">;
  /** When the active secret was issued; null: not known, because a person put it there. */
  readonly issuedAt: number | null;
  /** From when its age counts if it is not known when it was issued. */
  readonly firstSeenAt?: number | undefined;
  /** When the key expires at Paddle; null: never. */
  readonly expiresAt: number | null;
  readonly keyId: string;
  /**
   * Now, for a caller that may come late: what missed its window then waits for the next one, instead of being
   * made up for outside. Left out, the window is looked for from the moment at which the secret falls due.
   */
  readonly notBefore?: number | undefined;
};

export type Due = {
  readonly at: number;
  readonly because: "age" | "expiry";
  /** True: no window opens in time before the expiry, so `at` is outside the window. */
  readonly forced: boolean;
};

/** null: nothing makes it due; it has no `every` to outlive and no expiry. */
export function dueAt(input: DueInput): Due | null {
  const { policy, expiresAt, notBefore = -Infinity } = input;
  const byAge = dueByAge(input);
  const byExpiry = expiresAt === null ? Infinity : expiresAt - policy.renewBeforeMs;
  // Expiry wins a tie: it is the reason that does not bear delay.
  const because = byAge < byExpiry ? "age" : "expiry";
  const at = Math.min(byAge, byExpiry);
  if (at === Infinity) return null;
  if (!policy.window) return { at, because, forced: false };
  return { ...inWindow(policy.window, at, notBefore, latest(input)), because };
}

/** Jitter comes on top here, and so cannot carry the secret past the moment at which it is due by expiry. */
function dueByAge({ policy, issuedAt, firstSeenAt, keyId }: DueInput): number {
  const since = issuedAt ?? firstSeenAt;
  if (policy.everyMs === null || since === undefined) return Infinity;
  return since + policy.everyMs + Math.floor(policy.jitterMs * fractionOf(keyId));
}

/** From here on, waiting for a window would put the key at risk. */
function latest({
  policy,
  expiresAt,
}: {
  readonly policy: Pick<RotationPolicy, "renewBeforeMs">;
  readonly expiresAt: number | null;
}): number {
  return expiresAt === null ? Infinity : expiresAt - Math.min(DAY_MS, policy.renewBeforeMs / 2);
}

/**
 * When a rotation that is due may begin: now, or when the key's window opens next. `forced`: no window opens in time
 * before the expiry, so it begins outside.
 */
export function beginAt(what: {
  readonly policy: Pick<RotationPolicy, "renewBeforeMs" | "window">;
  readonly expiresAt: number | null;
  readonly now: number;
}): { readonly at: number; readonly forced: boolean } {
  const { policy, now } = what;
  return policy.window ? inWindow(policy.window, now, now, latest(what)) : { at: now, forced: false };
}

function inWindow(window: Window, due: number, notBefore: number, latestAt: number) {
  const earliest = Math.max(due, notBefore);
  const opening = nextOpening(window, earliest);
  return opening > earliest && opening >= latestAt
    ? { at: due, forced: true }
    : { at: opening, forced: false };
}

/** 0 to less than 1, the same for a key on every instance. */
function fractionOf(keyId: string): number {
  return createHash("sha256").update(keyId).digest().readUInt32BE() / 2 ** 32;
}
