/**
 * One webhook: verify its bytes, parse, decide, put the job into the queue, answer. 200 only after the queue has the
 * job; whatever else is answered, Paddle sends the webhook again. Knows nothing of HTTP but the statuses.
 */
import type { Logger } from "pino";
import type { Alerts, Clock, WorkQueue } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { clockSkew } from "./clock-skew-alert.ts";
import { type Event, parseEvent } from "./events.ts";
import { plan } from "./plan.ts";
import { verifyWebhook } from "./signature.ts";

const RETRY_AFTER_SECONDS = 10;

export type Received = { readonly rawBody: Buffer; readonly signatureHeader: string | undefined };

export type ReceiveDeps = {
  /** Of all destinations that deliver here; several, so that one can be replaced without a gap. */
  readonly secrets: readonly Secret[];
  readonly toleranceMs: number;
  readonly clock: Clock;
  readonly queue: WorkQueue;
  readonly alerts: Alerts;
  /** The configured name of each managed key, by key id. */
  readonly keyNames: () => ReadonlyMap<string, string>;
  readonly log: Logger;
  /** Hears of every webhook once, with what became of it. Left out: nobody does. */
  readonly heard?: (webhook: Heard) => void;
};

/** `type`: the event's; null: the signature was not verified, or the body is no event. */
export type Heard = {
  readonly type: string | null;
  readonly result:
    "queued" | "ignored" | "not-queued" | "not-an-event" | "malformed" | "mismatch" | "outside-tolerance";
};

/** `detail` is for whoever reads the delivery's log in Paddle's dashboard. It quotes nothing. */
export type Answer =
  | { readonly status: 200 }
  | { readonly status: 400 | 401; readonly detail: string }
  | { readonly status: 503; readonly detail: string; readonly retryAfterSeconds: number };

/**
 * Never throws for anything that is sent, nor for a queue that is down.
 *
 * @param heard instead of the one in `deps`, for who wants to know whose webhook it was
 */
export async function receive(
  webhook: Received,
  deps: ReceiveDeps,
  heard: ReceiveDeps["heard"] = deps.heard,
): Promise<Answer> {
  const { secrets, toleranceMs, log } = deps;
  const now = deps.clock.now();
  const verification = verifyWebhook({ ...webhook, secrets, toleranceMs, now });
  if (verification.kind !== "verified") heard?.({ type: null, result: verification.kind });
  switch (verification.kind) {
    case "malformed":
      log.warn({ reason: verification.why }, "webhook refused: malformed signature header");
      return { status: 400, detail: `Malformed signature header: ${verification.why}.` };
    case "mismatch":
      log.warn("webhook refused: the signature does not match");
      return { status: 401, detail: "The signature does not match." };
    case "outside-tolerance":
      log.warn({ skewMs: verification.skewMs }, "webhook refused: signed, but outside the time tolerance");
      void raiseClockSkew(verification.skewMs, now, deps);
      return { status: 401, detail: "The signature's timestamp is outside the tolerance." };
    case "verified":
      break;
  }
  const parsed = parseEvent(verification.body);
  if ("event" in parsed) return accept(parsed.event, deps, heard);
  heard?.({ type: null, result: "not-an-event" });
  log.warn({ reason: parsed.notAnEvent }, "webhook refused: signed, but not an event");
  return { status: 400, detail: "The body is signed, but it is not an event." };
}

async function accept(event: Event, deps: ReceiveDeps, heard: ReceiveDeps["heard"]): Promise<Answer> {
  const about = { eventId: event.id, eventType: event.type };
  const next = plan(event, deps.keyNames());
  if (next.do === "ignore") {
    heard?.({ type: event.type, result: "ignored" });
    deps.log.info({ ...about, result: "ignored", because: next.because }, "webhook received");
    return { status: 200 };
  }
  const { job, keyId, keyName } = next.work;
  try {
    // The queue gives up in time for the 5 s that Paddle waits ("Respond to webhooks").
    await deps.queue.put(next.work, next.delayMs > 0 ? { delayMs: next.delayMs } : {});
  } catch (error) {
    heard?.({ type: event.type, result: "not-queued" });
    deps.log.error({ ...about, job, keyId, keyName, err: error }, "webhook not queued: Paddle will retry it");
    return {
      status: 503,
      detail: "The event could not be queued.",
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    };
  }
  heard?.({ type: event.type, result: "queued" });
  deps.log.info({ ...about, result: "queued", job, keyId, keyName }, "webhook received");
  return { status: 200 };
}

/** Never throws, and nobody waits for it: the answer to Paddle depends on no alert. */
async function raiseClockSkew(skewMs: number, now: number, deps: ReceiveDeps): Promise<void> {
  const alert = clockSkew(skewMs, deps.toleranceMs, now);
  try {
    await deps.alerts.raise(alert);
  } catch (error) {
    deps.log.error({ alert, err: error }, "alert not queued");
  }
}
