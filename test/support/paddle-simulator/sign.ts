/** Signs webhook bodies as Paddle does (Paddle's docs, "Verify webhook signatures"). */
import { createHmac } from "node:crypto";

/**
 * The value of the `Paddle-Signature` header for a body.
 * @param secret the destination's whole endpoint secret, prefix included
 * @param tsSeconds epoch seconds
 */
export function signWebhook(secret: string, body: string | Uint8Array, tsSeconds: number): string {
  return `ts=${tsSeconds};h1=${webhookDigest(secret, body, tsSeconds)}`;
}

/** One `h1`: hex HMAC-SHA256 over the time, a colon and the body's bytes. */
export function webhookDigest(secret: string, body: string | Uint8Array, tsSeconds: number): string {
  return createHmac("sha256", secret).update(`${tsSeconds}:`).update(body).digest("hex");
}
