/** The overview as programs read it: times in ISO 8601, and no more than the documented fields. Pure. */
import type { JobView } from "../../../core/job-view.ts";
import type { KeyDetail, KeyView } from "../../../overview/key-view.ts";
import type { KeyOverview, OpenIncident, Overview } from "../../../overview/overview.ts";
import { jobPage } from "../queues/dashboard.ts";

export function showKey(known: KeyOverview) {
  return { ...known.view, switchOver: known.switchOver, ...beside(known, known.view) };
}

/** @param now the key as it was asked for just now, which is newer than what is known */
export function showDetail(known: KeyOverview, now: KeyDetail) {
  return { ...now, ...beside(known, now) };
}

function beside({ paddle, due, standby, jobs, incidents, lastRotation }: KeyOverview, view: KeyView) {
  // One in the key's own store is as new as the view.
  const secret = standby.location === view.location ? view.standby : standby.secret;
  return {
    standby: secret && { ...secret, location: standby.location, fault: standby.fault },
    lastSeen: paddle && {
      ...paddle,
      at: iso(paddle.at),
      expiresAt: isoOrNull(paddle.expiresAt),
      exposedAt: isoOrNull(paddle.exposedAt),
    },
    due: due && { at: iso(due.at), because: due.because, forced: due.forced },
    jobs: jobs.map(showJob),
    incidents: incidents.map(showIncident),
    lastRotation,
  };
}

/** Those of every key and those of none, newest first. */
export function showIncidents({ keys, incidents }: Overview) {
  return [...keys.flatMap((key) => key.incidents), ...incidents]
    .toSorted((a, b) => b.alert.raisedAt - a.alert.raisedAt)
    .map(showIncident);
}

/** When it was gathered, and what could not be. */
export function showReading({ at, faults }: Overview) {
  return { at: iso(at), faults };
}

function showJob(job: JobView) {
  const { work, queue, state, percent, attempts, failure } = job;
  const { id, kind, requestedAt } = work.intent;
  return {
    id,
    job: work.job,
    intent: kind,
    eventId: work.eventId,
    queue,
    state,
    requestedAt: iso(requestedAt),
    nextAt: isoOrNull(job.nextAt),
    percent,
    attempts,
    failure,
    status: jobPage(queue, id),
    steps: Object.entries(job.facts)
      .map(([fact, { at, says, fingerprint }]) => ({
        fact,
        at,
        says,
        ...(fingerprint !== undefined && { fingerprint }),
      }))
      .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  };
}

function showIncident({ alert, since }: OpenIncident) {
  const { incident, kind, severity, keyName, keyId, raisedAt, happened, action } = alert;
  return {
    id: incident?.id ?? alert.id,
    kind,
    severity,
    keyName,
    keyId,
    since: iso(since),
    raisedAt: iso(raisedAt),
    happened,
    action,
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : iso(time);
}
