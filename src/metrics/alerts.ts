/** Alerts: how many were raised, and what became of them in each channel. */
import { RUNBOOK } from "../alerts/runbook.ts";
import { type Alert, ChannelError, type Severity } from "../core/alert.ts";
import type { AlertChannel } from "../core/ports.ts";
import type { Meter } from "./meter.ts";
import { harmlessly, observed } from "./observed.ts";

const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"];

export type MeasuredAlerts = {
  /** To be called once for each alert that is new. */
  readonly kept: (alert: Alert) => void;
  readonly channel: <Channel extends AlertChannel>(channel: Channel) => Channel;
};

export function measureAlerts(meter: Meter): MeasuredAlerts {
  const raised = meter.counter({
    name: "alerts_raised_total",
    help: "Alerts by kind and severity, each once, reminders and all-clears included.",
    labels: ["kind", "severity"],
  });
  // A counter that appears with its first 1 has not increased, as Prometheus sees it.
  for (const { kind, severities } of RUNBOOK)
    for (const severity of severities) raised.inc({ kind, severity }, 0);
  const sent = meter.counter({
    name: "alerts_sent_total",
    help: "Attempts to send an alert by channel, severity and result: sent, put-off at the channel's wish, or failed.",
    labels: ["channel", "severity", "result"],
  });
  return {
    kept: ({ kind, severity }) => harmlessly(() => raised.inc({ kind, severity })),
    channel: (channel) => {
      const { name } = channel;
      for (const severity of SEVERITIES)
        for (const result of ["sent", "failed"]) sent.inc({ channel: name, severity, result }, 0);
      return observed(channel, ["send"], {
        elapsed: meter.elapsed,
        heard: (call) => {
          const severity = severityOf(call.args[0]);
          const result = "value" in call ? "sent" : isPutOff(call.error) ? "put-off" : "failed";
          sent.inc({ channel: name, severity, result });
        },
      });
    },
  };
}

function isPutOff(error: unknown): boolean {
  return error instanceof ChannelError && error.retryAfterMs !== null;
}

function severityOf(alert: unknown): Severity {
  const severity = typeof alert === "object" && alert !== null && "severity" in alert ? alert.severity : null;
  return SEVERITIES.find((known) => known === severity) ?? "critical";
}
