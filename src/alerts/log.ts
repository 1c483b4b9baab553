/** The alert channel that is always there: one structured log line per alert. */
import type { Logger } from "pino";
import type { Alert, Severity } from "../core/alert.ts";
import type { AlertChannel } from "../core/ports.ts";

const LEVEL = { info: "info", warning: "warn", critical: "error" } as const satisfies Record<
  Severity,
  string
>;

export function logChannel(log: Logger): AlertChannel {
  return {
    name: "log",
    send(alert: Alert) {
      log[LEVEL[alert.severity]]({ alert }, "alert");
      return Promise.resolve();
    },
  };
}
