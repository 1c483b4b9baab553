/** A queue on a real server for one test, with processors and alert channels that the test gives. */
import type { Job } from "bullmq";
import { pino } from "pino";
import type { Alert } from "../../../src/core/alert.ts";
import type { Processor } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Work } from "../../../src/core/work.ts";
import { createAlerts, startAlertWorker } from "../../../src/queue/alerts.ts";
import type { QueueBackend } from "../../../src/queue/backend.ts";
import { createErrorLog } from "../../../src/queue/error-log.ts";
import { openPostgresBackend } from "../../../src/queue/postgres.ts";
import { openRedisBackend } from "../../../src/queue/redis.ts";
import { createWorkQueue } from "../../../src/queue/work-queue.ts";
import { startWorkers } from "../../../src/queue/worker.ts";
import { systemClock } from "../../../src/clock.ts";
import { memoryRecords } from "../../support/memory-records.ts";
import { uniquePrefix } from "../../support/unique.ts";
import { until } from "../../support/until.ts";

const log = pino({ level: "silent" });

export type Setting = AsyncDisposable & {
  readonly backend: QueueBackend;
  readonly put: (work: Work) => Promise<void>;
  /** What the alert channel was sent. */
  readonly sent: Alert[];
  raise(alert: Alert): Promise<void>;
  /** Starts workers whose every job goes to this processor. `onJob` is given BullMQ's own job before that. */
  work(processor: Processor, onJob?: (job: Job) => void): Promise<AsyncDisposable>;
};

export async function openSetting(url: string, prefix = uniquePrefix()): Promise<Setting> {
  await using opened = new AsyncDisposableStack();
  const errors = createErrorLog({ log, clock: systemClock });
  const secret = new Secret(url);
  const backend = opened.use(
    url.startsWith("redis")
      ? openRedisBackend({ url: secret, prefix, allowEviction: false }, { log, errors })
      : await openPostgresBackend({ url: secret, schema: prefix, isEmbedded: false }, { errors }),
  );
  const sent: Alert[] = [];
  const channels = [
    {
      name: "recorder",
      async send(alert: Alert) {
        sent.push(alert);
      },
    },
  ];
  const alerts = createAlerts(backend, channels);
  const records = memoryRecords();
  opened.use(await startAlertWorker(backend, channels, { log, random: Math.random }));
  const owned = opened.move();
  return {
    backend,
    put: (work) => createWorkQueue(backend).put(work),
    sent,
    raise: (alert) => alerts.raise(alert),
    work: async (processor, onJob = () => {}) =>
      owned.use(
        await startWorkers({
          backend: watched(backend, onJob),
          processors: {
            rotate: processor,
            "revoke-first": processor,
            replace: processor,
            inspect: processor,
          },
          alerts,
          records,
          clock: systemClock,
          log,
          random: () => 0,
        }),
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function watched(backend: QueueBackend, onJob: (job: Job) => void): QueueBackend {
  return {
    ...backend,
    startWorker: (queue, processor, settings) =>
      backend.startWorker(
        queue,
        (job, token, signal) => {
          onJob(job);
          return processor(job, token, signal);
        },
        settings,
      ),
  };
}

let made = 0;

/** Work that nobody else has asked for. */
export function someWork(job: Work["job"] = "rotate"): Work {
  made += 1;
  return {
    job,
    keyName: "billing-worker",
    keyId: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
    intent: { id: `evt_${Date.now()}x${made}`, kind: "expiring", requestedAt: Date.now() },
    eventId: null,
  };
}

/** Nothing is promised about a fail-over's length, and each attempt meanwhile takes up to 3 s. */
const TAKEN_WITHIN_MS = 40_000;

/** Resolves once the queue has taken this work, which it may refuse until then. */
export async function untilTaken({ put }: Pick<Setting, "put">, work = someWork()): Promise<void> {
  const isTaken = () =>
    put(work).then(
      () => true,
      () => false,
    );
  await until("the queue takes work", isTaken, TAKEN_WITHIN_MS);
}
