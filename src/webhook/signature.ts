/**
 * Did Paddle sign these very bytes, and did it sign them now? Pure. Only `verifyWebhook` makes a `VerifiedBody`,
 * so that nothing unverified can be parsed by mistake.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../core/secret.ts";
import { parseSignatureHeader, type SignatureHeader } from "./signature-header.ts";

declare const verified: unique symbol;
export type VerifiedBody = Buffer & { readonly [verified]: true };

export type Verification =
  | { readonly kind: "verified"; readonly body: VerifiedBody }
  /** `why` is a sentence of ours and quotes nothing. */
  | { readonly kind: "malformed"; readonly why: string }
  | { readonly kind: "mismatch" }
  /** Signed by Paddle. `skewMs`: now minus the signed time; positive when the webhook looks old. */
  | { readonly kind: "outside-tolerance"; readonly skewMs: number };

/**
 * The signature is judged before the time: a time outside the tolerance means something only if Paddle wrote it.
 *
 * @param what.toleranceMs how far `now` may be from the signed time, in both directions, the boundary included
 * @param what.now epoch milliseconds
 */
export function verifyWebhook(what: {
  readonly rawBody: Buffer;
  readonly signatureHeader: string | undefined;
  readonly secrets: readonly Secret[];
  readonly toleranceMs: number;
  readonly now: number;
}): Verification {
  const { rawBody, signatureHeader, secrets, toleranceMs, now } = what;
  const parsed = parseSignatureHeader(signatureHeader);
  if ("malformed" in parsed) return { kind: "malformed", why: parsed.malformed };
  if (!isSigned(rawBody, parsed.header, secrets)) return { kind: "mismatch" };
  const skewMs = now - Number(parsed.header.ts) * 1_000;
  if (Math.abs(skewMs) > toleranceMs) return { kind: "outside-tolerance", skewMs };
  return { kind: "verified", body: rawBody };
}

/** Compares every secret with every signature and stops at no match: the time taken tells nobody which one it was. */
function isSigned(body: Buffer, header: SignatureHeader, secrets: readonly Secret[]): body is VerifiedBody {
  let matches = 0;
  for (const secret of secrets) {
    const expected = createHmac("sha256", secret.reveal()).update(`${header.ts}:`).update(body).digest();
    for (const signature of header.signatures) matches += Number(timingSafeEqual(expected, signature));
  }
  return matches > 0;
}
