/**
 * The errors of every consumer. Each names the consumer and the remedy; `problem` and `remedy` are halves of one
 * sentence. A client's own error is never the cause of one: it may carry the request, and so a token.
 */
import { ConsumerError } from "../core/consumer.ts";

/** A fault that stays until a person mends it. */
export function refusal(consumer: string, problem: string, remedy: string): ConsumerError {
  return new ConsumerError(sentence(consumer, problem, remedy), { effect: "none", retry: "never" });
}

/** A fault that may pass by itself, met before anything changed. `retryAfterMs`: as the consumer wishes. */
export function setback(
  consumer: string,
  problem: string,
  remedy: string,
  retryAfterMs: number | null = null,
): ConsumerError {
  return new ConsumerError(sentence(consumer, problem, remedy), {
    effect: "none",
    retry: "later",
    retryAfterMs,
  });
}

/** The consumer may have been told, or not. */
export function uncertainty(
  consumer: string,
  problem: string,
  remedy: string,
  retryAfterMs: number | null = null,
): ConsumerError {
  return new ConsumerError(sentence(consumer, problem, remedy), {
    effect: "unknown",
    retry: "later",
    retryAfterMs,
  });
}

function sentence(consumer: string, problem: string, remedy: string): string {
  return `consumer ${consumer} ${problem}: ${remedy}`;
}
