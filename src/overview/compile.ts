/** Makes the overview of what was read. Pure. */
import type { Alert } from "../core/alert.ts";
import { type Due, dueAt } from "../core/due.ts";
import type { JobView } from "../core/job-view.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import { activeKeyId } from "../core/slots.ts";
import type { AuditRecord } from "../rotation/audit-record.ts";
import { openIncidents } from "./incidents.ts";
import type { KeyLook } from "./key-look.ts";
import { viewKey, viewSecret, viewSwitchOver, viewUnreachable } from "./key-view.ts";
import type { KeyOverview, Overview } from "./overview.ts";

const ALERTS_SHOWN = 20;
const NOT_LOOKED_AT = "It could not be looked at yet.";

export type Readings = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** In the order of the configuration. null: it could not be looked at. */
  readonly keys: readonly { readonly key: ManagedKey; readonly look: KeyLook | null }[];
  readonly jobs: readonly JobView[];
  /** Newest first. */
  readonly alerts: readonly Alert[];
  readonly records: readonly AuditRecord[];
};

export function compile(readings: Readings): Pick<Overview, "keys" | "incidents" | "alerts"> {
  const { keys, alerts } = readings;
  const names = new Set(keys.flatMap(({ key: { name } }) => [name, standbyName(name)]));
  const unowned = alerts.filter(({ keyName }) => keyName === null || !names.has(keyName));
  return {
    keys: keys.map(({ key, look }) => compileKey(key, look, readings)),
    incidents: openIncidents(unowned),
    alerts: unowned.slice(0, ALERTS_SHOWN),
  };
}

function compileKey(key: ManagedKey, look: KeyLook | null, readings: Readings): KeyOverview {
  const { now } = readings;
  const slots = look?.slots ?? NOT_LOOKED_AT;
  const view = typeof slots === "string" ? viewUnreachable(key, slots) : viewKey(key, slots, now);
  const isOwn = (name: string | null) => name === key.name || name === standbyName(key.name);
  const alerts = readings.alerts.filter(({ keyName }) => isOwn(keyName));
  const standby = look?.standby.secret ?? null;
  return {
    view,
    policy: key.policy,
    consumers: key.consumers.map(({ name, refreshMs, timeoutMs }) => ({ name, refreshMs, timeoutMs })),
    checks: key.checks.length,
    paddle: look?.paddle ?? null,
    due: look && dueOf(key, look, now),
    switchOver: viewSwitchOver(look?.progress ?? null, view),
    standby: {
      secret: standby && viewSecret(standby),
      location: (key.standbyStore ?? key.store).location,
      fault: look?.standby.fault ?? null,
    },
    jobs: readings.jobs.filter(({ work }) => isOwn(work.keyName)),
    incidents: openIncidents(alerts),
    alerts: alerts.slice(0, ALERTS_SHOWN),
    lastRotation: readings.records.find((record) => isChangeOf(key.name, record)) ?? null,
  };
}

function dueOf({ policy }: ManagedKey, { slots, paddle, firstSeenAt }: KeyLook, now: number): Due | null {
  if (typeof slots === "string" || !slots.active) return null;
  const keyId = activeKeyId(slots);
  if (keyId === null) return null;
  const { issuedAt } = slots.active;
  return dueAt({
    policy,
    issuedAt,
    firstSeenAt,
    expiresAt: paddle?.expiresAt ?? null,
    keyId,
    notBefore: now,
  });
}

function isChangeOf(name: string, { keyName, outcome }: AuditRecord): boolean {
  return keyName === name && outcome === "done";
}

/** See `standbyKeyOf`. */
function standbyName(name: string): string {
  return `${name}-standby`;
}
