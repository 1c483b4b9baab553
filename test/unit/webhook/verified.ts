import { Secret } from "../../../src/core/secret.ts";
import { type VerifiedBody, verifyWebhook } from "../../../src/webhook/signature.ts";
import { signWebhook } from "../../support/paddle-simulator/sign.ts";

/** A body as `parseEvent` takes it: the only way there is through a signature. */
export function verified(body: string | Buffer): VerifiedBody {
  const result = verifyWebhook({
    rawBody: Buffer.from(body),
    signatureHeader: signWebhook("secret", body, 1_763_700_000),
    secrets: [new Secret("secret")],
    toleranceMs: 0,
    now: 1_763_700_000_000,
  });
  if (result.kind !== "verified") throw new Error(result.kind);
  return result.body;
}
