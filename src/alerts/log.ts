/** The alert channel that is always there: one structured log line per alert. */
import type { Logger } from "pino";
import { type Alert, LOG_CHANNEL, type Severity } from "../core/alert.ts";
import { flushed } from "../core/flushed.ts";
import type { AlertChannel } from "../core/ports.ts";
import { messageOf } from "./message.ts";

const LEVEL = { info: "info", warning: "warn", critical: "error" } as const satisfies Record<
  Severity,
  string
>;

export function logChannel(log: Logger): AlertChannel {
  return {
    name: LOG_CHANNEL,
    async send(alert: Alert) {
      const { happened, action } = messageOf(alert);
      const at = new Date(alert.raisedAt).toISOString();
      log[LEVEL[alert.severity]]({ alert: { ...alert, at, happened, action } }, "alert");
      // It counts as told from here on.
      await flushed(log);
    },
  };
}
