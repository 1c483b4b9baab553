/**
 * Delivers alerts, each channel by itself: one that hangs, wants to be left alone or fails keeps no other waiting. What
 * it does not deliver is told on the others.
 */
import { DelayedError, type Job } from "bullmq";
import type { Logger } from "pino";
import type { AlertLog } from "../alerts/alert-log.ts";
import {
  alertsUnread,
  channelFailing,
  channelMisses,
  channelWorks,
  severityOfFailure,
} from "../alerts/channel-messages.ts";
import { linksOf } from "../alerts/links.ts";
import { logChannel } from "../alerts/log.ts";
import { type Destination, others } from "../alerts/routing.ts";
import { type Alert, ChannelError } from "../core/alert.ts";
import type { AlertChannel, PartlySent } from "../core/ports.ts";
import { describeError, publicError } from "../core/public-error.ts";
import { ALERT_VERSION, type AlertJob, enqueue } from "./alert-jobs.ts";
import type { QueueBackend } from "./backend.ts";
import { ChannelGates } from "./channel-gates.ts";
import { versionFault } from "./job-data.ts";
import { markUnread, nextLook } from "./other-release.ts";
import { startRuns, workerSettings } from "./worker.ts";

/** How many alerts a channel is sent at once. */
const AT_ONCE = 2;
/** By then the channel has been tried for some seconds: not a hiccup any more. */
const WORTH_TELLING = 3;
/** How soon an all-clear looks again whether what it follows has been told. */
const LOOK_AGAIN_MS = 5_000;
/** A rolling restart that brings another configuration is over by then. */
const CHANNEL_COMES_MS = 5 * 60_000;
/** It may be a page that waits. */
const UNREAD_MS = 60_000;
const UNFINISHED = ["active", "waiting", "delayed"] as const;
/** The queue is empty but for what a failing channel leaves. */
const LOOKED_AT = 1_000;

export type AlertWorkerDeps = {
  readonly log: Logger;
  /** From 0 (included) to 1. */
  readonly random: () => number;
  /** Epoch milliseconds. Left out: the system's. */
  readonly now?: () => number;
  /** Where people reach the admin listener; null or left out: not said. */
  readonly adminUrl?: string | null;
  /** Where alerts are kept for who looks afterwards. Left out: nowhere. */
  readonly kept?: AlertLog;
};

type Desk = {
  readonly backend: QueueBackend;
  readonly channels: ReadonlyMap<string, AlertChannel & Destination>;
  readonly gates: ChannelGates;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly linked: (alert: Alert) => Alert;
  readonly kept: AlertLog | undefined;
};

export function startAlertWorker(
  backend: QueueBackend,
  channels: readonly (AlertChannel & Destination)[],
  { log, random, now = Date.now, adminUrl = null, kept }: AlertWorkerDeps,
): Promise<AsyncDisposable> {
  const gates = new ChannelGates({ atOnce: AT_ONCE, now, random });
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  const linked = (alert: Alert) => ({ ...alert, links: linksOf(alert, { adminUrl, keyNames: [] }) });
  const desk: Desk = { backend, channels: byName, gates, log, now, random, linked, kept };
  // One more than all channels take, for the jobs that only learn that they have to wait.
  const settings = workerSettings(channels.length * AT_ONCE + 1, random);
  return startRuns(backend, "alerts", settings, (job: Job<AlertJob>, token) => deliver(job, token, desk));
}

async function deliver(job: Job<AlertJob>, token: string | undefined, desk: Desk): Promise<void> {
  const fault = versionFault(job.data, ALERT_VERSION);
  if (fault !== null) return leaveToOthers(job, token, fault, desk);
  const { channel: name, alert } = job.data;
  const channel = desk.channels.get(name);
  if (!channel) {
    const now = desk.now();
    if (now - job.timestamp < CHANNEL_COMES_MS)
      return postpone(job, token, nextLook(job.timestamp, now, desk.random));
    desk.log.warn(
      { alertId: alert.id, channel: name },
      "this alert's channel is not configured any more: logged",
    );
    await logChannel(desk.log).send(alert);
    return;
  }
  if (await isAhead(job, desk)) return postpone(job, token, desk.now() + LOOK_AGAIN_MS);
  const pass = desk.gates.enter(name);
  if (pass.kind === "wait") return postpone(job, token, pass.until);
  let sent: PartlySent | void;
  try {
    sent = await channel.send(alert);
  } catch (error) {
    return await failed(job, token, error, desk);
  } finally {
    pass.leave();
  }
  await tellThatItWorks(job, desk);
  if (sent) await tellThatItMisses(job, sent, desk);
}

/** Another release wrote it, and a worker of that one may run beside this one. If none does, people hear of it. */
async function leaveToOthers(
  job: Job<AlertJob>,
  token: string | undefined,
  fault: string,
  desk: Desk,
): Promise<never> {
  const now = desk.now();
  const since = await markUnread(job, now);
  if (now - since >= UNREAD_MS) {
    const unread = alertsUnread(fault, now);
    try {
      await enqueue(desk.backend, desk.linked(unread), [...desk.channels.keys()]);
      await desk.kept?.keep(unread);
    } catch (error) {
      // Waiting costs the alert no attempt. The next look tells.
      desk.log.error({ jobId: job.id, reason: describeError(error) }, "an unread alert could not be told of");
    }
  }
  return postpone(job, token, nextLook(since, now, desk.random));
}

/**
 * Whether this is an all-clear whose incident the channel has not wholly told yet: told the other way round, a page
 * would stay open for ever.
 */
async function isAhead({ data: { alert, channel } }: Job<AlertJob>, { backend }: Desk): Promise<boolean> {
  const { incident } = alert;
  if (incident?.state !== "over") return false;
  const jobs: (Job<AlertJob> | undefined)[] = await backend.queues.alerts
    .getJobs([...UNFINISHED], 0, LOOKED_AT)
    .catch((error: unknown) => {
      throw publicError(error);
    });
  return jobs.some((other) => {
    if (!other || versionFault(other.data, ALERT_VERSION) !== null) return false;
    if (other.data.channel !== channel || other.data.alert.incident?.state !== "open") return false;
    return other.data.alert.incident.id === incident.id && other.data.alert.raisedAt <= alert.raisedAt;
  });
}

async function failed(
  job: Job<AlertJob>,
  token: string | undefined,
  error: unknown,
  desk: Desk,
): Promise<never> {
  const { channel, alert, putOff = 0 } = job.data;
  const fault = error instanceof ChannelError ? error : null;
  const waitMs = fault?.retryAfterMs ?? null;
  const isLast = waitMs === null && job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  const next = isLast ? "and not tried again" : "it will be tried again";
  desk.log.error({ alertId: alert.id, channel, err: error }, `alert not sent; ${next}`);
  // What ends in a wait is no attempt to BullMQ.
  const failures = job.attemptsMade + putOff + 1;
  if (fault?.retry === "never" || failures >= WORTH_TELLING) await tellThatItFails(job, error, desk);
  if (waitMs === null) throw publicError(error);
  await keep(job, { putOff: putOff + 1 }, desk);
  return postpone(job, token, desk.gates.close(channel, waitMs));
}

/** Never throws: what the job itself is about comes first. */
async function tellThatItFails(job: Job<AlertJob>, error: unknown, desk: Desk): Promise<void> {
  const { channel, alert } = job.data;
  const severity = severityOfFailure(alert);
  const names = others(channel, severity, [...desk.channels.values()]);
  // Before that: a crash in between leaves an all-clear too many, rather than one too few.
  const toldAt = desk.now();
  await keep(job, { told: severity, toldAt }, desk);
  try {
    const failing = channelFailing(channel, describeError(error), alert, toldAt);
    await Promise.all([enqueue(desk.backend, desk.linked(failing), names), desk.kept?.keep(failing)]);
  } catch (cause) {
    desk.log.error({ channel, err: cause }, "that an alert channel fails could not be told on the others");
  }
}

/** Never throws: who got the alert must not get it again. */
async function tellThatItMisses(job: Job<AlertJob>, { missed }: PartlySent, desk: Desk): Promise<void> {
  const { channel, alert } = job.data;
  const misses = channelMisses(channel, missed, alert, desk.now());
  try {
    const names = others(channel, misses.severity, [...desk.channels.values()]);
    await Promise.all([enqueue(desk.backend, desk.linked(misses), names), desk.kept?.keep(misses)]);
  } catch (cause) {
    desk.log.error(
      { channel, err: cause },
      "that an alert channel misses some could not be told on the others",
    );
  }
}

/** A note that is lost steers little. */
async function keep(job: Job<AlertJob>, notes: Partial<AlertJob>, { log }: Desk): Promise<void> {
  await job.updateData({ ...job.data, ...notes }).catch((error: unknown) => {
    log.warn({ jobId: job.id, reason: describeError(error) }, "a note on the alert could not be kept");
  });
}

async function tellThatItWorks(
  job: Job<AlertJob>,
  { backend, channels, log, now, linked, kept }: Desk,
): Promise<void> {
  const { channel, told, toldAt = now() } = job.data;
  if (told === undefined) return;
  try {
    const works = channelWorks(channel, { toldAt, now: now() });
    const names = others(channel, told, [...channels.values()]);
    await Promise.all([enqueue(backend, linked(works), names), kept?.keep(works)]);
  } catch (cause) {
    log.error({ channel, err: cause }, "that an alert channel works again could not be told on the others");
  }
}

async function postpone(job: Job<AlertJob>, token: string | undefined, until: number): Promise<never> {
  await job.moveToDelayed(until, token);
  throw new DelayedError();
}
