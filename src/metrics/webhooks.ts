/** Webhooks: what came, what became of it, and how fast it was answered. On their way lies one increment, no more. */
import { KEY_EVENT_TYPES } from "../core/key-events.ts";
import type { Heard } from "../webhook/receive.ts";
import type { Meter } from "./meter.ts";
import { harmlessly } from "./observed.ts";

/** No signature of ours, so nothing of the body counts, its type least of all. */
const UNVERIFIED: readonly Heard["result"][] = ["malformed", "mismatch", "outside-tolerance"];

/** Paddle gives up after 5 s. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const STATUSES: ReadonlySet<number> = new Set([200, 400, 401, 403, 413, 415, 429, 503]);

export type MeasuredWebhooks = {
  readonly heard: (webhook: Heard) => void;
  readonly acknowledged: (what: { readonly status: number; readonly ms: number }) => void;
};

export function measureWebhooks(meter: Meter): MeasuredWebhooks {
  const received = meter.counter({
    name: "webhooks_received_total",
    help: "Webhooks by event type and result; what is not about keys is of type other, what has no signature of ours unverified.",
    labels: ["type", "result"],
  });
  for (const type of KEY_EVENT_TYPES)
    for (const result of ["queued", "not-queued"]) received.inc({ type, result }, 0);
  for (const result of ["ignored", "not-an-event"]) received.inc({ type: "other", result }, 0);
  for (const result of UNVERIFIED) received.inc({ type: "unverified", result }, 0);
  const acknowledgement = meter.histogram(
    {
      name: "webhook_acknowledgement_duration_seconds",
      help: "From the arrival of a webhook until it was answered, by the answer's status.",
      labels: ["status"],
    },
    SECONDS,
  );
  return {
    heard: ({ type, result }) => harmlessly(() => received.inc({ type: typeName(type, result), result })),
    acknowledged: ({ status, ms }) =>
      harmlessly(() =>
        acknowledgement.observe({ status: STATUSES.has(status) ? String(status) : "other" }, ms / 1_000),
      ),
  };
}

function typeName(type: string | null, result: Heard["result"]): string {
  if (UNVERIFIED.includes(result)) return "unverified";
  return type !== null && KEY_EVENT_TYPES.includes(type) ? type : "other";
}
