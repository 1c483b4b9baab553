/**
 * Proof that a form was made by us, for the one who sends it, today or yesterday. Another site's page cannot read it,
 * so it cannot send such a form; no cookie is needed.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../core/secret.ts";

const DAY_MS = 86_400_000;

export interface FormTokens {
  /** To be put into every form for this caller. */
  issue(caller: string): string;
  isValid(caller: string, token: string): boolean;
}

/** The first of these makes the key; none: it is made at random, and a form is good only until this process ends. */
export function formKeyOf(shared: readonly (Secret | null)[]): Buffer {
  const secret = shared.find((one) => one !== null);
  if (!secret) return randomBytes(32);
  return createHmac("sha256", secret.reveal()).update("paddle-key-rotator forms").digest();
}

/** @param key the same at all instances behind one address */
export function createFormTokens(now: () => number, key: Buffer): FormTokens {
  const tokenOf = (caller: string, day: number) =>
    createHmac("sha256", key).update(`${day}\n${caller}`).digest("base64url");
  const today = () => Math.floor(now() / DAY_MS);
  return {
    issue: (caller) => tokenOf(caller, today()),
    isValid: (caller, token) => [today(), today() - 1].some((day) => isSame(tokenOf(caller, day), token)),
  };
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
