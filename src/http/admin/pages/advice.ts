/** What people were told to do because of a job: it stands beside the job, not only among all messages. Pure. */
import type { JobView } from "../../../core/job-view.ts";
import type { KeyOverview } from "../../../overview/overview.ts";

/** null: nothing; or it is about an open incident, which has a place of its own, or about a key that was replaced. */
export function adviceOn({ work, state }: JobView, { alerts, view }: KeyOverview): string | null {
  const { id: cause, requestedAt } = work.intent;
  if (view.keyId !== null && work.keyId !== view.keyId && work.keyName === view.name) return null;
  const told = alerts.filter(({ action, incident }) => action !== null && incident === undefined);
  const of = told.find(({ id }) => id.includes(cause));
  // What an inspection finds is told under the name of what it found.
  const since = told.find(({ severity, raisedAt }) => severity === "critical" && raisedAt >= requestedAt);
  return (of ?? (state === "failed" ? since : undefined))?.action ?? null;
}
