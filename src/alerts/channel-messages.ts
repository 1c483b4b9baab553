/** The words of alerts about the alert channels themselves. Public text; never secrets. */
import type { Alert, AlertKind, Incident, Severity } from "../core/alert.ts";

/**
 * People may not hear of what they must know. Told once an hour, for as long as it lasts.
 *
 * @param reason of a ChannelError, or another public text
 * @param waiting what the channel has not told
 */
export function channelFailing(channel: string, reason: string, waiting: Alert, now: number): Alert {
  return ofChannel(
    "channel-failing",
    severityOfFailure(waiting),
    channel,
    "open",
    { toldAt: now, now },
    {
      happened:
        `The alert channel ${channel} does not deliver: ${reason}. ` +
        `What it has not told yet: ${subjectOf(waiting)}.`,
      action:
        "Mend what is named, or read what waits in the queue `alerts` of the dashboard. It is tried again by itself, " +
        "later and later, up to every ten minutes.",
    },
  );
}

/**
 * Some who must hear of alerts do not, although others on the same channel do. Told once an hour. It is no incident:
 * only the next alert shows whether it is over.
 *
 * @param reason of a PartlySent
 */
export function channelMisses(channel: string, reason: string, sent: Alert, now: number): Alert {
  return {
    id: `channel-failing-${channel}-partly-${hourOf(now)}`,
    kind: "channel-failing" satisfies AlertKind,
    severity: "warning",
    keyName: null,
    keyId: null,
    happened:
      `Not everybody on the alert channel ${channel} gets its alerts: ${reason}. ` +
      `The others got: ${subjectOf(sent)}.`,
    action: `Mend what is named, and see whether all get it: npm run rotator -- test-alert ${channel}. This one is not sent again.`,
    raisedAt: now,
  };
}

/** A page that reached nobody is as urgent as the page. */
export function severityOfFailure({ severity }: Alert): Severity {
  return severity === "critical" ? "critical" : "warning";
}

/** @param when.toldAt when people were told of the failure that ends: each such message has one end */
export function channelWorks(channel: string, when: When): Alert {
  return ofChannel("channel-works", "info", channel, "over", when, {
    happened: `The alert channel ${channel} delivers again.`,
    action: null,
  });
}

/**
 * Alerts of a newer release wait, and no worker that runs can send them: one of them may be a page. Told once an hour.
 *
 * @param reason public text
 */
export function alertsUnread(reason: string, now: number): Alert {
  return {
    id: `job-failing-alerts-${hourOf(now)}`,
    kind: "job-failing" satisfies AlertKind,
    severity: "critical",
    keyName: null,
    keyId: null,
    happened: `Alerts wait, and no worker that runs can send them: ${reason}.`,
    action:
      "Start a worker of the newer release, one with ROLE=worker is enough: it sends them within a minute. " +
      "Until then read them in the queue `alerts` of the dashboard.",
    raisedAt: now,
  };
}

/** To see that a channel works. @param id makes it another message than the last one */
export function testAlert(channel: string, id: string, now: number): Alert {
  return {
    id: `test-alert-${channel}-${id}`,
    kind: "test-alert" satisfies AlertKind,
    severity: "info",
    keyName: null,
    keyId: null,
    happened: `This is a test of the alert channel ${channel}. No key is concerned.`,
    action: null,
    raisedAt: now,
  };
}

/** Epoch milliseconds. */
type When = { readonly toldAt: number; readonly now: number };

function ofChannel(
  kind: AlertKind,
  severity: Severity,
  channel: string,
  state: Incident["state"],
  { toldAt, now }: When,
  words: { readonly happened: string; readonly action: string | null },
): Alert {
  return {
    id: `${kind}-${channel}-${hourOf(toldAt)}`,
    kind,
    severity,
    keyName: null,
    keyId: null,
    ...words,
    raisedAt: now,
    incident: { id: `channel-failing-${channel}`, state },
  };
}

function subjectOf({ kind, keyName, keyId, severity }: Alert): string {
  const about = keyName ?? keyId;
  return `${kind}${about === null ? "" : ` of ${about}`} (${severity})`;
}

function hourOf(time: number): string {
  return new Date(time).toISOString().slice(0, "2026-11-21T03".length);
}
