/** One sweep from end to end: every key, the events that were missed, our destination, and word that all went well. */
import type { Logger } from "pino";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Alerts, Clock, PaddleApi, Records, WorkQueue } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Secret } from "../core/secret.ts";
import { type Acceptance, catchUp } from "./catch-up.ts";
import { checkDestination } from "./destination.ts";
import { beat, type Get } from "./heartbeat.ts";
import type { Retention } from "./retention/retention.ts";
import { noteFailedSweep, noteGoodSweep, tellMissed } from "./silence.ts";
import { sweep } from "./sweep.ts";
import { noteWebhookSources, type WebhookSourcesDeps } from "./webhook-sources.ts";

export type ReconcileSettings = {
  readonly everyMs: number;
  readonly silenceMs: number;
  readonly heartbeat: Secret | null;
  readonly readWith: string | null;
  readonly publicUrl: string | null;
};

export type ReconcileDeps = {
  readonly keys: readonly ManagedKey[];
  readonly settings: ReconcileSettings;
  readonly paddle: PaddleApi;
  readonly records: Records;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly queue: Pick<WorkQueue, "put" | "isUnfinished">;
  readonly accept: (body: unknown) => Promise<Acceptance>;
  readonly get: Get;
  /** Left out: nobody needs to know from where Paddle delivers. */
  readonly readWebhookSources?: WebhookSourcesDeps["readWebhookSources"];
  /** Left out: nothing is forgotten. */
  readonly retention?: Retention;
  readonly log: Logger;
};

/** `stopped`: by the signal. */
export type SweepEnd = "good" | "faulty" | "stopped";

/**
 * A sweep is good if Paddle, the queue and the records could be read; one key's own fault is told by itself. Faults are
 * logged and kept for the alert about a silence; only those of the records or the queue are thrown.
 */
export async function reconcile(deps: ReconcileDeps, signal?: AbortSignal): Promise<SweepEnd> {
  const { settings, log, keys } = deps;
  const report = await sweep({ ...deps, everyMs: settings.everyMs }, signal);
  if (signal?.aborted) return "stopped";
  const faults = report.faults.map(({ keyName, reason }) => `${keyName} could not be checked: ${reason}`);
  const step = async (what: string, run: () => Promise<void>) => {
    try {
      await run();
    } catch (error) {
      const reason = describeError(error);
      faults.push(`${what}: ${reason}`);
      log.warn({ reason }, `${what}; the next sweep tries again`);
    }
  };
  const readers = { readers: report.readers, readWith: settings.readWith };
  const silence = { ...deps, silenceMs: settings.silenceMs };
  await step("past events could not be read", async () => {
    const { read, missed } = await catchUp({ ...deps, ...readers });
    if (read > 0) log.info({ read, missed }, "caught up with past events");
    await tellMissed(missed, silence);
  });
  await step("notification destinations could not be read", () =>
    checkDestination({ ...deps, ...readers, publicUrl: settings.publicUrl }),
  );
  const { readWebhookSources } = deps;
  if (readWebhookSources) await noteWebhookSources({ ...deps, ...readers, readWebhookSources });
  await deps.retention?.forgetSome(signal);
  const { asked, put, broken } = report;
  const level = put + faults.length + broken.length > 0 ? "info" : "debug";
  log[level]({ keys: keys.length, asked, put, faults: faults.length, broken: broken.length }, "sweep");
  const [fault] = faults;
  if (fault !== undefined) {
    await noteFailedSweep(fault, silence);
    return "faulty";
  }
  await noteGoodSweep(silence);
  if (settings.heartbeat) await beat(settings.heartbeat, deps);
  return "good";
}
