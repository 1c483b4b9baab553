/**
 * The errors of every secret store. Each names the place and the remedy; `problem` and `remedy` are halves of one
 * sentence. A client's own error is never the cause of one: it may carry the request, and so a secret.
 */
import { StoreError } from "../core/errors.ts";

/** A fault that stays until a person mends it. */
export function refusal(place: string, problem: string, remedy: string, cause?: unknown): StoreError {
  return new StoreError(`${place} ${problem}: ${remedy}`, { effect: "none", retry: "never", cause });
}

/** A fault that may pass by itself, met before anything changed. */
export function setback(place: string, problem: string, remedy: string, cause?: unknown): StoreError {
  return new StoreError(`${place} ${problem}: ${remedy}`, { effect: "none", retry: "later", cause });
}

/** A write whose answer was lost: it may have been done. */
export function uncertainty(place: string, problem: string, remedy: string): StoreError {
  return new StoreError(`${place} ${problem}: ${remedy}`, { effect: "unknown", retry: "later" });
}
