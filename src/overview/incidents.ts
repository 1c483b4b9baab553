/** Which incidents are open, read off the alerts that were raised. Pure. */
import type { Alert } from "../core/alert.ts";
import type { OpenIncident } from "./overview.ts";

/** @param alerts newest first; @returns newest first */
export function openIncidents(alerts: readonly Alert[]): readonly OpenIncident[] {
  const seen = new Map<string, { alert: Alert; since: number } | "over">();
  for (const alert of alerts) {
    const { incident } = alert;
    if (!incident) continue;
    const known = seen.get(incident.id);
    if (known === "over") continue;
    if (known) known.since = Math.min(known.since, alert.raisedAt);
    else seen.set(incident.id, incident.state === "over" ? "over" : { alert, since: alert.raisedAt });
  }
  return [...seen.values()].filter((incident) => incident !== "over");
}
