/**
 * Incidents: people hear of one when it begins, again for as long as it lasts, and once more when it is over. Each
 * happens once; what may come back later has another id then.
 */
import type { Alert } from "../core/alert.ts";
import { formatDuration } from "../core/duration.ts";
import type { Alerts, Records } from "../core/ports.ts";

export type IncidentPorts = { readonly records: Records; readonly alerts: Alerts };

/** Who looks once in every interval may look a moment before it ends. */
const EARLY_MS = 5_000;
const DAY_MS = 24 * 60 * 60_000;
const BEGUN = "incidents";
const OVER = "incidents-over";

/**
 * To be called whenever the incident is seen: tells of it at first, after `firstMs`, and then after twice as long each
 * time, up to once a day. A reminder's id carries its number, so that a job that runs again repeats none. `alert.id`
 * names the incident.
 */
export async function tellWhileItLasts(
  alert: Alert,
  firstMs: number,
  { records, alerts }: IncidentPorts,
): Promise<void> {
  await records.putIfAbsent(BEGUN, alert.id, alert.raisedAt);
  const begunAt = (await readBeginning(records, alert.id)) ?? alert.raisedAt;
  const due = lastReminder(alert.raisedAt - begunAt + EARLY_MS, firstMs);
  await alerts.raise(due ? reminder(open(alert), due.number, due.afterMs) : open(alert));
}

/** The last reminder that was due by then, and how long after the beginning; null: none was. */
function lastReminder(lastsMs: number, firstMs: number): { number: number; afterMs: number } | null {
  const longestMs = Math.max(firstMs, DAY_MS);
  let due: { number: number; afterMs: number } | null = null;
  let next = { number: 1, afterMs: firstMs };
  for (let intervalMs = firstMs; next.afterMs <= lastsMs;) {
    due = next;
    intervalMs = Math.min(2 * intervalMs, longestMs);
    next = { number: due.number + 1, afterMs: due.afterMs + intervalMs };
  }
  return due;
}

/** Tells of an incident when it begins, and of no more than that until it is called off. */
export async function tellOnce(alert: Alert, { records, alerts }: IncidentPorts): Promise<void> {
  await records.putIfAbsent(BEGUN, alert.id, alert.raisedAt);
  await alerts.raise(open(alert));
}

/** Tells of an incident that gets worse in stages, once at each. `alert.id` names the incident. */
export async function tellStage(
  alert: Alert,
  stage: string,
  { records, alerts }: IncidentPorts,
): Promise<void> {
  await records.putIfAbsent(BEGUN, alert.id, alert.raisedAt);
  await alerts.raise({ ...open(alert), id: `${alert.id}-${stage}` });
}

/** Says once that an incident is over. Does nothing where nobody was told of it, or is told already. */
export async function callOff(
  incidentId: string,
  allClear: Alert,
  { records, alerts }: IncidentPorts,
): Promise<void> {
  if (!(await isOpen(incidentId, records))) return;
  await alerts.raise({ ...allClear, incident: { id: incidentId, state: "over" } });
  // After that: a crash in between tells twice, with the same id, rather than never.
  await records.putIfAbsent(OVER, incidentId, allClear.raisedAt);
}

export async function isOpen(incidentId: string, records: Records): Promise<boolean> {
  if ((await readBeginning(records, incidentId)) === null) return false;
  return (await records.get(OVER, incidentId)) === undefined;
}

async function readBeginning(records: Records, incidentId: string): Promise<number | null> {
  const begunAt = await records.get(BEGUN, incidentId);
  return typeof begunAt === "number" ? begunAt : null;
}

function open(alert: Alert): Alert {
  return { ...alert, incident: { id: alert.id, state: "open" } };
}

function reminder(alert: Alert, number: number, lastsMs: number): Alert {
  return {
    ...alert,
    id: `${alert.id}-again-${number}`,
    happened: `${alert.happened} It has been so for ${formatDuration(lastsMs)}.`,
  };
}
