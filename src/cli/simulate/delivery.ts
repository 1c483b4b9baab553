/** One signed request, as Paddle sends it, and what the answer to it means. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Secret } from "../../core/secret.ts";
import { BAD_PORT, fetchFault, isDistrust, TIMEOUT, trustRemedy } from "../fetch-fault.ts";

/** Paddle waits 5 s; whatever comes later is told from no answer at all. */
const TIMEOUT_MS = 15_000;
export const PADDLE_WAITS_MS = 5_000;

/** Paddle: Verify webhook signatures. */
export function signatureOf(body: string, secret: Secret, now: number): string {
  const ts = Math.floor(now / 1_000);
  return `ts=${ts};h1=${createHmac("sha256", secret.reveal()).update(`${ts}:${body}`).digest("hex")}`;
}

export type Delivered =
  { readonly status: number; readonly detail: string | null } | { readonly fault: string };

const Problem = z.object({ detail: z.string().max(500) });

export async function send(to: URL, body: string, signature: string): Promise<Delivered> {
  try {
    const answer = await fetch(to, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Paddle", "paddle-signature": signature },
      body,
      // Paddle follows none either.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const problem = Problem.safeParse(await answer.json().catch(() => null));
    return { status: answer.status, detail: problem.success ? problem.data.detail : null };
  } catch (error) {
    return { fault: fetchFault(error) };
  }
}

export function explain(answer: Delivered, tookMs: number, to: URL): [fault: string, remedy: string] {
  const where = to.href;
  if ("fault" in answer) {
    if (answer.fault === TIMEOUT)
      return [
        `${where} took the connection and gave no answer for ${TIMEOUT_MS / 1_000} s`,
        "look at the service's log, and at the queue's server",
      ];
    if (answer.fault === "ECONNREFUSED")
      return [
        `nothing listens at ${where}`,
        "start the service, or look whether HOST and PORT are the same here; --to names another address",
      ];
    if (answer.fault === BAD_PORT)
      return [
        `browsers refuse the port ${to.port}, and so does this command`,
        "set another PORT, here and for the service; --to names another address",
      ];
    if (isDistrust(answer.fault))
      return [
        `${where} does not prove who it is (${answer.fault})`,
        `${trustRemedy(answer.fault, to.hostname)}; --to names another address`,
      ];
    return [`${where} does not answer (${answer.fault})`, "look at DNS, firewall, TLS and proxy on the way"];
  }
  const { status, detail } = answer;
  const said = `${where} answered ${status}${detail === null ? "" : `: ${detail}`}`;
  if (status === 200)
    return [
      `${said}, but after ${tookMs} ms: Paddle waits ${PADDLE_WAITS_MS} ms`,
      "look at the queue's server: the answer waits for it",
    ];
  if (status === 401)
    return [
      said,
      "either the service has other webhook secrets than this shell (PADDLE_WEBHOOK_SECRETS; restart it after a change), or the two clocks differ by more than WEBHOOK_TOLERANCE: run NTP on both",
    ];
  if (status === 503)
    return [
      said,
      "the queue did not take the event: look at its server and at /readyz. Paddle would send it again",
    ];
  if (status >= 300 && status < 400)
    return [`${said}, a redirect`, "Paddle follows none: give it the final address"];
  if (status === 404 || status === 405)
    return [said, `this is another program or another path: the service takes webhooks at /webhooks/paddle`];
  if (status === 400)
    return [said, "is it a service of another version? It does not read what this command sends"];
  return [said, "look at the service's log, and at any proxy in front of it"];
}
