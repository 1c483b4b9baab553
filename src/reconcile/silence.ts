/** Notices that nothing is looked after any more, and tells others that it still is. */
import type { Logger } from "pino";
import { z } from "zod";
import { sweepsFail, webhooksMissed } from "../alerts/reconcile-messages.ts";
import type { Alerts, Clock, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Secret } from "../core/secret.ts";

const HOUR_MS = 60 * 60_000;
const HEARTBEAT_MS = 5_000;
const LIST = "good-sweeps";
const Good = z.object({ at: z.number() });

export type SilenceDeps = {
  readonly records: Records;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly silenceMs: number;
};

/** One entry an hour is enough to know when it stopped. */
export async function noteGoodSweep({ records, clock }: SilenceDeps): Promise<void> {
  const last = await lastGood(records);
  if (last === null || clock.now() - last >= HOUR_MS) await records.append(LIST, { at: clock.now() });
}

/** Alerts once for each silence. Where no sweep ever went well, the silence began with the first that did not. */
export async function noteFailedSweep(reason: string, deps: SilenceDeps): Promise<void> {
  const now = deps.clock.now();
  const last = await lastGood(deps.records);
  if (last === null) await deps.records.append(LIST, { at: now });
  else if (now - last > deps.silenceMs) await deps.alerts.raise(sweepsFail(last, reason, now));
}

/** Events that only catch-up found: webhooks do not come. Told once a day. */
export async function tellMissed(missed: number, { alerts, clock }: SilenceDeps): Promise<void> {
  if (missed > 0) await alerts.raise(webhooksMissed(missed, clock.now()));
}

async function lastGood(records: Records): Promise<number | null> {
  const [newest] = await records.list(LIST, { limit: 1 });
  return Good.safeParse(newest?.value).data?.at ?? null;
}

/** The part of `fetch` that is used. */
export type Get = (
  url: string,
  options: { readonly redirect: "manual"; readonly signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly body: { cancel(): Promise<void> } | null;
}>;

/** Tells a monitor that a sweep went well; its silence is then the alarm. Never throws. The address is a secret. */
export async function beat(url: Secret, { get, log }: { get: Get; log: Logger }): Promise<void> {
  try {
    const options = { redirect: "manual", signal: AbortSignal.timeout(HEARTBEAT_MS) } as const;
    const { status, body } = await get(url.reveal(), options);
    await body?.cancel();
    if (status < 200 || status > 299) log.warn({ status }, "the heartbeat was not taken");
  } catch (error) {
    log.warn({ reason: describeError(error) }, "the heartbeat could not be sent");
  }
}
