/** The jobs of the queue `alerts`: one for each alert and channel. */
import type { Alert, Severity } from "../core/alert.ts";
import { QueueError } from "../core/errors.ts";
import { describeError } from "../core/public-error.ts";
import type { QueueBackend } from "./backend.ts";
import { withDeadline } from "./deadline.ts";

const RAISE_MS = 3_000;
export const ALERT_VERSION = 1;

export type AlertJob = {
  readonly v: typeof ALERT_VERSION;
  readonly channel: string;
  readonly alert: Alert;
  /** How often the channel has said when to come again. */
  readonly putOff?: number;
  /** How severe the alert was that told of the channel's failure. Left out: none did. */
  readonly told?: Severity;
  /** When that was, epoch milliseconds. */
  readonly toldAt?: number;
};

/** Puts the alert into the queue for these channels; again, it does nothing. @throws QueueError */
export async function enqueue(
  { queues }: QueueBackend,
  alert: Alert,
  names: readonly string[],
): Promise<void> {
  const jobs = names.map((name) => {
    const data: AlertJob = { v: ALERT_VERSION, channel: name, alert };
    // BullMQ refuses some characters in ids.
    return { name: "alert", data, opts: { jobId: `${alert.id}-${name}`.replaceAll(/[^\w.-]/g, "-") } };
  });
  try {
    await withDeadline(queues.alerts.addBulk(jobs), RAISE_MS);
  } catch (cause) {
    const message = `the queue did not take the alert ${alert.id}: ${describeError(cause)}`;
    throw new QueueError(message, { effect: "unknown", retry: "later", cause });
  }
}
