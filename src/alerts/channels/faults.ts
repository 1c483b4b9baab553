/**
 * The errors of every alert channel. Each names the channel and the remedy; `problem` and `remedy` are halves of one
 * sentence. They quote nothing of what the other side said, because it may repeat what it was sent: a secret.
 */
import { ChannelError } from "../../core/alert.ts";
import type { Effect } from "../../core/errors.ts";

/** A fault that stays until a person mends it. */
export function refusal(place: string, problem: string, remedy: string): ChannelError {
  return new ChannelError(`${place} ${problem}: ${remedy}`, { effect: "none", retry: "never" });
}

/** A fault that may pass by itself. */
export function setback(
  place: string,
  problem: string,
  remedy: string,
  what: { readonly effect: Effect; readonly retryAfterMs?: number | null },
): ChannelError {
  return new ChannelError(`${place} ${problem}: ${remedy}`, { ...what, retry: "later" });
}

/** Whether this is Node's word for a certificate that it does not trust. A network mends itself; a certificate does not. */
export function isDistrust(code: string): boolean {
  return /^(ERR_TLS_CERT.*|CERT_.*|.*_CERT(_LOCALLY)?|.*_SIGNATURE|.*_IN_CHAIN)$/.test(code);
}
