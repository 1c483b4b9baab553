/** Alerts go through the queue, one job per alert and channel: none is lost in a crash, none is sent for each retry. */
import type { AlertLog } from "../alerts/alert-log.ts";
import { linksOf } from "../alerts/links.ts";
import { type Destination, route } from "../alerts/routing.ts";
import type { Alerts, Records } from "../core/ports.ts";
import { enqueue } from "./alert-jobs.ts";
import type { QueueBackend } from "./backend.ts";

export { startAlertWorker } from "./alert-worker.ts";

/** Which channels were told of an incident. */
const TOLD = "incident-channels";

export type AlertRouting = {
  /** The channels that a key is configured to use, by its name; null: all. */
  readonly channelsOf?: (keyName: string) => readonly string[] | null;
  /** To remember which channels were told of an incident. Without it, all of the key's get the all-clear. */
  readonly records?: Pick<Records, "get" | "putIfAbsent">;
  /** Where people reach the admin listener; null or left out: not said. */
  readonly adminUrl?: string | null;
  /** The configured names: those that have a page. */
  readonly keyNames?: readonly string[];
  /** Where alerts are kept for who looks afterwards. Left out: nowhere. */
  readonly log?: AlertLog;
};

export function createAlerts(
  backend: QueueBackend,
  channels: readonly Destination[],
  { channelsOf = () => null, records, log, adminUrl = null, keyNames = [] }: AlertRouting = {},
): Alerts {
  return {
    async raise(alert) {
      const { incident, keyName, raisedAt } = alert;
      const isOver = incident?.state === "over";
      const told = isOver && records ? await channelsTold(incident.id, channels, records) : null;
      const chosen = keyName === null ? null : channelsOf(keyName);
      const names = route(alert, { channels, chosen, told });
      // Before that: a crash in between leaves an all-clear too many, rather than one too few.
      if (incident?.state === "open" && records)
        await Promise.all(names.map((name) => records.putIfAbsent(TOLD, mark(incident.id, name), raisedAt)));
      const sent = { ...alert, links: linksOf(alert, { adminUrl, keyNames }) };
      await Promise.all([enqueue(backend, sent, names), log?.keep(alert)]);
    },
  };
}

async function channelsTold(
  incidentId: string,
  channels: readonly Destination[],
  records: Pick<Records, "get">,
): Promise<ReadonlySet<string>> {
  const marks = await Promise.all(
    channels.map(async ({ name }) => ({ name, at: await records.get(TOLD, mark(incidentId, name)) })),
  );
  return new Set(marks.flatMap(({ name, at }) => (at === undefined ? [] : [name])));
}

function mark(incidentId: string, channel: string): string {
  return `${incidentId}-${channel}`;
}
