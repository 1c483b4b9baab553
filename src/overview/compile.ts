/** Makes the overview of what was read. Pure. */
import type { Alert } from "../core/alert.ts";
import { type Due, dueAt } from "../core/due.ts";
import type { JobView } from "../core/job-view.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import { activeKeyId, keyIdOf, type Slots } from "../core/slots.ts";
import type { AuditRecord } from "../rotation/audit-record.ts";
import { openIncidents } from "./incidents.ts";
import type { KeyLook } from "./key-look.ts";
import { viewKey, viewSecret, viewSwitchOver, viewUnreachable } from "./key-view.ts";
import type { KeyOverview, Overview } from "./overview.ts";
import { ownersByName } from "./owners.ts";
import { isSettled } from "./settled.ts";

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
  const { keys } = readings;
  const owners = ownersByName(keys.map(({ key }) => key));
  const ownersById = ownersByKeyId(readings.keys);
  const ownerOf = (keyName: string | null) => owners.get(keyName ?? "") ?? null;
  const alerts = Map.groupBy(readings.alerts, ({ keyName }) => ownerOf(keyName));
  // A job keeps the name that its key had when it was queued.
  const jobs = Map.groupBy(readings.jobs, ({ work }) => ownerOf(work.keyName) ?? ownersById.get(work.keyId));
  const unowned = alerts.get(null) ?? [];
  return {
    keys: keys.map(({ key, look }) =>
      compileKey(key, look, {
        now: readings.now,
        jobs: jobs.get(key.name) ?? [],
        alerts: alerts.get(key.name) ?? [],
        records: readings.records,
      }),
    ),
    incidents: openIncidents(unowned),
    alerts: unowned.slice(0, ALERTS_SHOWN),
  };
}

/** `jobs`, `alerts`: the key's own. */
function compileKey(key: ManagedKey, look: KeyLook | null, own: Omit<Readings, "keys">): KeyOverview {
  const { now, jobs, alerts } = own;
  const slots = look?.slots ?? NOT_LOOKED_AT;
  const view = typeof slots === "string" ? viewUnreachable(key, slots) : viewKey(key, slots, now);
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
    jobs: jobs.filter((job) => !isSettled(job, view, alerts)),
    incidents: openIncidents(alerts),
    alerts: alerts.slice(0, ALERTS_SHOWN),
    lastRotation: own.records.find((record) => isChangeOf(key.name, record)) ?? null,
  };
}

function ownersByKeyId(keys: Readings["keys"]): ReadonlyMap<string, string> {
  return new Map(
    keys.flatMap(({ key, look }) =>
      look && typeof look.slots !== "string"
        ? keyIdsIn(look.slots).map((keyId) => [keyId, key.name] as const)
        : [],
    ),
  );
}

function keyIdsIn({ standby, old, pending, active }: Slots): string[] {
  return [standby, old, pending, active].flatMap((held) => (held && keyIdOf(held)) ?? []);
}

function dueOf({ policy }: ManagedKey, { slots, paddle, firstSeenAt }: KeyLook, now: number): Due | null {
  if (typeof slots === "string" || !slots.active) return null;
  const keyId = activeKeyId(slots);
  if (keyId === null) return null;
  const { issuedAt } = slots.active;
  const input = { policy, issuedAt, firstSeenAt, expiresAt: paddle?.expiresAt ?? null, keyId };
  const due = dueAt({ ...input, notBefore: now });
  // What may begin now is due since it could: a time that stands still while people look.
  return due && due.at <= now ? dueAt(input) : due;
}

function isChangeOf(name: string, { keyName, outcome }: AuditRecord): boolean {
  return keyName === name && outcome === "done";
}
