/** Which channels an alert goes to. Pure. */
import { type Alert, LOG_CHANNEL, type Severity } from "../core/alert.ts";

/** A channel as far as routing goes. */
export type Destination = {
  readonly name: string;
  /** Less severe alerts do not go there. Left out: all do. */
  readonly minSeverity?: Severity;
};

export type Circumstances = {
  readonly channels: readonly Destination[];
  /** The names of the channels that the alert's key is configured to use; null: all. */
  readonly chosen: readonly string[] | null;
  /** For an all-clear, the channels that were told of its incident; null: not known. */
  readonly told: ReadonlySet<string> | null;
};

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * The names of the channels, in their order. The log is always among them, as the last resort. An all-clear goes where
 * its incident was told of, however severe either is; where nobody remembers that, rather to too many than to too few.
 */
export function route(alert: Alert, { channels, chosen, told }: Circumstances): readonly string[] {
  const isChosen = ({ name }: Destination) => chosen === null || chosen.includes(name);
  const wasTold = ({ name }: Destination) => told?.has(name) ?? false;
  const isOver = alert.incident?.state === "over";
  const isRemembered = channels.some((channel) => channel.name !== LOG_CHANNEL && wasTold(channel));
  return channels
    .filter((channel) => {
      if (channel.name === LOG_CHANNEL) return true;
      if (isOver) return isRemembered ? wasTold(channel) : isChosen(channel);
      return isChosen(channel) && isSevereEnough(alert.severity, channel);
    })
    .map(({ name }) => name);
}

/**
 * Where to tell of a channel that does not work: the others that take an alert so severe, or, if that is the log
 * alone, all others.
 */
export function others(
  failing: string,
  severity: Severity,
  channels: readonly Destination[],
): readonly string[] {
  const rest = channels.filter(({ name }) => name !== failing);
  const fit = rest.filter((channel) => channel.name === LOG_CHANNEL || isSevereEnough(severity, channel));
  return (fit.some(({ name }) => name !== LOG_CHANNEL) ? fit : rest).map(({ name }) => name);
}

/** Finds the channels that a key is configured to use, by its name; null: all. A standby has those of its key. */
export function channelsByKey(
  keys: readonly { readonly name: string; readonly alerts: readonly string[] | null }[],
): (keyName: string) => readonly string[] | null {
  // Its own name last: a key that happens to be called like a standby is itself.
  const chosen = new Map([
    ...keys.map(({ name, alerts }) => [`${name}-standby`, alerts] as const),
    ...keys.map(({ name, alerts }) => [name, alerts] as const),
  ]);
  return (keyName) => chosen.get(keyName) ?? null;
}

function isSevereEnough(severity: Severity, { minSeverity = "info" }: Destination): boolean {
  return RANK[severity] >= RANK[minSeverity];
}
