/** Which incidents are open, read off the alerts that were raised. Pure. */
import type { Alert } from "../core/alert.ts";
import type { OpenIncident } from "./overview.ts";

type Seen = { readonly isOpen: boolean; readonly alert: Alert; since: number; isWhole: boolean };

/** @param alerts newest first; @returns newest first */
export function openIncidents(alerts: readonly Alert[]): readonly OpenIncident[] {
  const seen = new Map<string, Seen>();
  for (const alert of alerts) {
    const { incident, raisedAt } = alert;
    if (!incident) continue;
    const isOpen = incident.state === "open";
    const known = seen.get(incident.id);
    if (!known) seen.set(incident.id, { isOpen, alert, since: raisedAt, isWhole: !isOpen });
    // What was called off before is another incident, even under the same id.
    else if (!isOpen) known.isWhole = true;
    else if (!known.isWhole) known.since = Math.min(known.since, raisedAt);
  }
  return [...seen.values()].flatMap(({ isOpen, alert, since }) => (isOpen ? [{ alert, since }] : []));
}
