/** One attempt to hand a webhook over. */
import { type Dispatcher, request } from "undici";
import { signWebhook, webhookDigest } from "../sign.ts";
import type { Switches } from "../switches.ts";

export type Attempt = {
  /** Epoch milliseconds by the simulator's clock. */
  readonly at: number;
  /** null: no answer in time. */
  readonly status: number | null;
  /** What the receiver answered; Paddle keeps it where people can read it. null: no answer. */
  readonly responseBody: string | null;
};

export type Envelope = { readonly url: string; readonly secret: string; readonly body: string };

/**
 * Posts the body with a fresh signature. Redirects are not followed.
 * @param ts the signature's time in epoch seconds
 */
export async function attempt(
  { url, secret, body }: Envelope,
  { ts, switches, dispatcher }: { ts: number; switches: Switches; dispatcher: Dispatcher },
): Promise<Omit<Attempt, "at">> {
  const headers = {
    "content-type": "application/json",
    "user-agent": "Paddle",
    "paddle-signature": signatureHeader(secret, body, ts, switches),
  };
  const signal = AbortSignal.timeout(switches.webhookAnswerWithinMs);
  try {
    const answer = await request(url, { method: "POST", headers, body, dispatcher, signal });
    return { status: answer.statusCode, responseBody: await answer.body.text() };
  } catch {
    return { status: null, responseBody: null };
  }
}

export function isSuccess(status: number | null, { webhookSuccess }: Switches): boolean {
  if (status === null) return false;
  return webhookSuccess === "200" ? status === 200 : status >= 200 && status < 300;
}

function signatureHeader(secret: string, body: string, ts: number, switches: Switches): string {
  const signed = signWebhook(secret, body, ts);
  const extra = `h1=${webhookDigest(`not ${secret}`, body, ts)}`;
  const parts = {
    none: [signed],
    after: [signed, extra],
    before: signed.split(";").toSpliced(1, 0, extra),
  };
  return parts[switches.webhookExtraSignature].join(";");
}
