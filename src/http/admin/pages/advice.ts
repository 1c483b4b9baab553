/** What people were told to do because of a job: it stands beside the job, not only among all messages. Pure. */
import type { Alert } from "../../../core/alert.ts";
import type { JobView } from "../../../core/job-view.ts";

/** @param alerts newest first; null: nobody was told, or of an open incident, which has a place of its own */
export function adviceOn({ work: { intent } }: JobView, alerts: readonly Alert[]): string | null {
  const told = alerts.find(
    ({ id, action, incident }) => action !== null && incident === undefined && id.includes(intent.id),
  );
  return told?.action ?? null;
}
