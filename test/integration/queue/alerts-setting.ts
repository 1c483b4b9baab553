/** Alerts on a real queue, with channels that do as the test says. */
import type { Job } from "bullmq";
import { pino } from "pino";
import { systemClock } from "../../../src/clock.ts";
import type { Alert, Severity } from "../../../src/core/alert.ts";
import type { Alerts, PartlySent } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type AlertRouting, createAlerts, startAlertWorker } from "../../../src/queue/alerts.ts";
import type { QueueBackend } from "../../../src/queue/backend.ts";
import { createErrorLog } from "../../../src/queue/error-log.ts";
import { openPostgresBackend } from "../../../src/queue/postgres.ts";
import { openRedisBackend } from "../../../src/queue/redis.ts";
import { type CapturedLog, captureLog } from "../../support/captured-log.ts";

import { uniquePrefix } from "../../support/unique.ts";

export class ScriptedChannel {
  readonly name: string;
  readonly minSeverity: Severity;
  /** What was delivered. */
  readonly sent: Alert[] = [];
  /** How often something was to be sent. */
  tries = 0;
  /** What it says of those who did not get what the others got. */
  partly: PartlySent | undefined = undefined;
  /** Called before a delivery, which it prevents by an error. */
  trouble: (alert: Alert) => void | Promise<void> = () => {};

  constructor(name: string, minSeverity: Severity = "info") {
    this.name = name;
    this.minSeverity = minSeverity;
  }

  async send(alert: Alert): Promise<PartlySent | undefined> {
    this.tries += 1;
    await this.trouble(alert);
    this.sent.push(alert);
    return this.partly;
  }

  get kinds(): string[] {
    return this.sent.map(({ kind }) => kind);
  }
}

export type AlertSetting = AsyncDisposable & {
  readonly backend: QueueBackend;
  readonly alerts: Alerts;
  readonly log: CapturedLog;
  /** Until when jobs were put off, epoch milliseconds, in order. */
  readonly putOffs: number[];
  /** Starts a worker with these channels in the place of the setting's own. `aheadMs`: of its clock. */
  work(channels?: readonly ScriptedChannel[], aheadMs?: number): Promise<AsyncDisposable>;
  /** Wakes every job that waits, as time would. */
  hurry(): Promise<void>;
  jobOf(alert: Alert, channel: ScriptedChannel): Promise<Job>;
};

export async function openAlerts(
  url: string,
  channels: readonly ScriptedChannel[],
  routing: AlertRouting = {},
): Promise<AlertSetting> {
  await using opened = new AsyncDisposableStack();
  const silent = pino({ level: "silent" });
  const errors = createErrorLog({ log: silent, clock: systemClock });
  const [secret, prefix] = [new Secret(url), uniquePrefix()];
  const backend = opened.use(
    url.startsWith("redis:")
      ? openRedisBackend({ url: secret, prefix, allowEviction: false }, { log: silent, errors })
      : await openPostgresBackend({ url: secret, schema: prefix, isEmbedded: false }, { errors }),
  );
  const log = captureLog();
  const putOffs: number[] = [];
  const owned = opened.move();
  return {
    backend,
    log,
    putOffs,
    alerts: createAlerts(backend, channels, routing),
    work: async (own = channels, aheadMs = 0) =>
      owned.use(
        await startAlertWorker(watched(backend, putOffs), own, {
          log: log.log,
          random: () => 0,
          now: () => Date.now() + aheadMs,
        }),
      ),
    async hurry() {
      // A job may wake by itself in between.
      for (const job of await backend.queues.alerts.getDelayed()) await job.promote().catch(() => {});
    },
    async jobOf(alert, channel) {
      const job: Job | undefined = await backend.queues.alerts.getJob(`${alert.id}-${channel.name}`);
      if (!job) throw new Error(`there is no job for ${alert.id} on ${channel.name}`);
      return job;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function watched(backend: QueueBackend, putOffs: number[]): QueueBackend {
  return {
    ...backend,
    startWorker: (queue, processor, settings) =>
      backend.startWorker(
        queue,
        (job, token, signal) => {
          const moveToDelayed = job.moveToDelayed.bind(job);
          job.moveToDelayed = (until, by) => {
            putOffs.push(until);
            return moveToDelayed(until, by);
          };
          return processor(job, token, signal);
        },
        settings,
      ),
  };
}
