/** The alerts that were raised, newest last, kept for people who look afterwards. Public text, as all alerts are. */
import { z } from "zod";
import type { Alert } from "../core/alert.ts";
import type { Json, Records } from "../core/ports.ts";

const LIST = "alert-log";
/** More than a bad month makes. */
const KEPT = 2_000;
const TRIM_EVERY = 100;

const LoggedAlert = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  keyName: z.string().nullable(),
  keyId: z.string().nullable(),
  happened: z.string(),
  action: z.string().nullable(),
  raisedAt: z.number(),
  incident: z.object({ id: z.string(), state: z.enum(["open", "over"]) }).exactOptional(),
});

export interface AlertLog {
  /** Keeps the alert, once however often it is raised: a crash in between keeps it twice rather than never. */
  keep(alert: Alert): Promise<void>;
}

/** @param isNew hears of each alert once, however many processes raise it */
export function openAlertLog(records: Records, isNew: (alert: Alert) => void = () => {}): AlertLog {
  let kept = 0;
  return {
    async keep(alert) {
      if ((await records.get(LIST, alert.id)) !== undefined) return;
      await records.append(LIST, toJson(alert));
      if (await records.putIfAbsent(LIST, alert.id, alert.raisedAt)) isNew(alert);
      // At the first one, too: many a process does not live to see a hundred.
      if (kept % TRIM_EVERY === 0) await forgetOld(records).catch(() => {});
      kept += 1;
    },
  };
}

/** Nothing depends on it; what fails now is done next time. */
async function forgetOld(records: Records): Promise<void> {
  const entries = await records.list(LIST, { limit: KEPT });
  const oldest = entries.at(-1);
  if (oldest && entries.length === KEPT) await records.trim(LIST, oldest.id);
}

export type LoggedAlerts = {
  /** Newest first. */
  readonly alerts: readonly Alert[];
  /** The newest entry; to be compared with, so that nothing is read twice. null: there is none. */
  readonly newest: string | null;
};

/** The newest alerts, at most `limit`; each once. Throws QueueError. */
export async function readAlerts(records: Pick<Records, "list">, limit: number): Promise<LoggedAlerts> {
  const entries = await records.list(LIST, { limit });
  const alerts = new Map<string, Alert>();
  for (const { value } of entries) {
    const read = LoggedAlert.safeParse(value);
    if (read.success && !alerts.has(read.data.id)) alerts.set(read.data.id, read.data);
  }
  return { alerts: [...alerts.values()], newest: entries[0]?.id ?? null };
}

/** Through JSON, as it will be read. */
function toJson(alert: Alert): Json {
  return JSON.parse(JSON.stringify(alert));
}
