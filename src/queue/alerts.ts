/** Alerts go through the queue, one job per alert and channel: none is lost in a crash, none is sent for each retry. */
import type { Logger } from "pino";
import type { Alert } from "../core/alert.ts";
import { QueueError } from "../core/errors.ts";
import type { AlertChannel, Alerts } from "../core/ports.ts";
import { describeError, publicError } from "../core/public-error.ts";
import type { QueueBackend } from "./backend.ts";
import { withDeadline } from "./deadline.ts";
import { startRuns, workerSettings } from "./worker.ts";

const RAISE_MS = 3_000;
const CONCURRENCY = 5;

type AlertJob = { readonly v: 1; readonly channel: string; readonly alert: Alert };

export function createAlerts({ queues }: QueueBackend, channels: readonly AlertChannel[]): Alerts {
  return {
    async raise(alert) {
      const jobs = channels.map(({ name }) => {
        const data: AlertJob = { v: 1, channel: name, alert };
        // BullMQ refuses some characters in ids.
        return { name: "alert", data, opts: { jobId: `${alert.id}-${name}`.replaceAll(/[^\w.-]/g, "-") } };
      });
      try {
        await withDeadline(queues.alerts.addBulk(jobs), RAISE_MS, late);
      } catch (cause) {
        const message = `the queue did not take the alert ${alert.id}: ${describeError(cause)}`;
        throw new QueueError(message, { effect: "unknown", retry: "later", cause });
      }
    },
  };
}

export function startAlertWorker(
  backend: QueueBackend,
  channels: readonly AlertChannel[],
  deps: { log: Logger; random: () => number },
): Promise<AsyncDisposable> {
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  return startRuns(backend, "alerts", workerSettings(CONCURRENCY, deps.random), async (job) => {
    const { channel, alert } = job.data as AlertJob;
    try {
      await byName.get(channel)?.send(alert);
    } catch (error) {
      deps.log.error({ alertId: alert.id, channel, err: error }, "alert not sent; it will be tried again");
      throw publicError(error);
    }
  });
}

function late(): Error {
  return new Error(`not within ${RAISE_MS / 1000} s`);
}
