/** Notices that nothing is looked after any more, and that it is again; tells of webhooks that do not come. */
import { callOff, tellOnce } from "../alerts/incidents.ts";
import { sweepsFail, sweepsIncident, sweepsWork, webhooksMissed } from "../alerts/reconcile-messages.ts";
import { z } from "zod";
import type { Alerts, Clock, Records } from "../core/ports.ts";

const HOUR_MS = 60 * 60_000;
const LIST = "good-sweeps";
const Good = z.object({ at: z.number() });

export type SilenceDeps = {
  readonly records: Records;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly silenceMs: number;
};

/** Ends a silence, if there was one. Not every good sweep is written down, only as many as tell when they stopped. */
export async function noteGoodSweep(deps: SilenceDeps): Promise<void> {
  const { records, clock, silenceMs } = deps;
  const now = clock.now();
  const last = await lastGood(records);
  if (last !== null) await callOff(sweepsIncident(last), sweepsWork(last, now), deps);
  const precisionMs = Math.min(HOUR_MS, silenceMs / 24);
  if (last === null || now - last >= precisionMs) await records.append(LIST, { at: now });
}

/** Alerts once for each silence. */
export async function noteFailedSweep(reason: string, deps: SilenceDeps): Promise<void> {
  const now = deps.clock.now();
  const since = await silentSince(now, deps.records);
  if (now - since > deps.silenceMs) await tellOnce(sweepsFail(since, reason, now), deps);
}

/** When a sweep went well last. Where none ever did, the silence begins `now`. */
export async function silentSince(now: number, records: Records): Promise<number> {
  const last = await lastGood(records);
  if (last !== null) return last;
  await records.append(LIST, { at: now });
  return (await lastGood(records)) ?? now;
}

/** Events that only catch-up found: webhooks do not come. Told once a day. */
export async function tellMissed(missed: number, { alerts, clock }: SilenceDeps): Promise<void> {
  if (missed > 0) await alerts.raise(webhooksMissed(missed, clock.now()));
}

async function lastGood(records: Records): Promise<number | null> {
  const [newest] = await records.list(LIST, { limit: 1 });
  return Good.safeParse(newest?.value).data?.at ?? null;
}
