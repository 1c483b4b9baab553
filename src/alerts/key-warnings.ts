/** What is worth a warning about a managed key although it works today: told once for each change. */
import { z } from "zod";
import type { Alert, AlertKind } from "../core/alert.ts";
import type { RotationPolicy } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { Alerts, Json, Records } from "../core/ports.ts";
import { about, type Found } from "./inspect-messages.ts";
import { type Change, onChange } from "./on-change.ts";
import { bringAnotherKey, DASHBOARD, time } from "./words.ts";

const NEAR_MS = 7 * 24 * 60 * 60 * 1000;

/** The part of a key that people are warned about. */
export type Condition = {
  readonly rotatable: boolean;
  /** True: it never expires and no policy rotates it. */
  readonly isForEver: boolean;
  /** The expiry that is near, and before which nothing is planned; null: there is none. */
  readonly unplannedExpiry: number | null;
  /** Sorted; null: a legacy key, which may do everything. */
  readonly permissions: readonly string[] | null;
};

const Remembered = z.object({
  rotatable: z.boolean(),
  isForEver: z.boolean(),
  unplannedExpiry: z.number().nullable(),
  permissions: z.array(z.string()).nullable(),
});

/** @param rotatesAt when the key's policy rotates it next, epoch milliseconds; null: never */
export function conditionOf(
  key: ApiKey,
  policy: Pick<RotationPolicy, "everyMs">,
  rotatesAt: number | null,
  now: number,
): Condition {
  const { expiresAt } = key;
  const isNear = expiresAt !== null && expiresAt - now < NEAR_MS;
  const isPlanned = key.rotatable && rotatesAt !== null && expiresAt !== null && rotatesAt < expiresAt;
  return {
    rotatable: key.rotatable,
    isForEver: expiresAt === null && policy.everyMs === null,
    unplannedExpiry: isNear && !isPlanned ? expiresAt : null,
    permissions: key.permissions && key.permissions.toSorted(),
  };
}

/** The alerts that the change from `before` calls for; null: it is the key's first look. `changeId`: see `Change`. */
export function warningsAbout(
  found: Found,
  before: Condition | null,
  present: Condition,
  changeId: string,
): readonly Alert[] {
  const { key, keyId } = found;
  const warn = (kind: AlertKind, happened: string, action: string) =>
    about(found, kind, "warning", changeId, { happened, action });
  const alerts: Alert[] = [];
  if (!present.rotatable && before?.rotatable !== false)
    alerts.push(
      warn(
        "key-not-rotatable",
        `${key.name} cannot be rotated: the key ${keyId} was made without rotation, and that can't be changed.`,
        `Before you need it: ${bringAnotherKey(key)}.`,
      ),
    );
  if (present.isForEver && before?.isForEver !== true)
    alerts.push(
      warn(
        "key-never-rotated",
        `${key.name} is never rotated: the key ${keyId} has no expiry, and its configuration has no \`every\`.`,
        `Set \`every\` in the rotation of ${key.name}, for example 60d.`,
      ),
    );
  const { unplannedExpiry } = present;
  if (unplannedExpiry !== null && before?.unplannedExpiry !== unplannedExpiry)
    alerts.push(
      warn(
        "expiry-unplanned",
        `${key.name} expires at ${time(unplannedExpiry)}, and no rotation is planned before.`,
        `Before that: rotate it (\`npm run rotator -- rotate ${key.name}\`); if it is not rotatable, ${bringAnotherKey(key)}.`,
      ),
    );
  const { gained, lost } = difference(before, present);
  if (gained.length + lost.length > 0)
    alerts.push(
      warn(
        "permissions-changed",
        `Somebody changed the permissions of ${key.name} (${keyId}):${listed(" lost", lost)}${listed(" gained", gained)}.`,
        `If you did not mean that, set them right in ${DASHBOARD}. What is lost fails in the applications at once.`,
      ),
    );
  return alerts;
}

/** Warns of what has changed since the key was last looked at, by anybody. */
export async function warnOfChanges(
  found: Found,
  present: Condition,
  { records, alerts }: { readonly records: Records; readonly alerts: Alerts },
): Promise<void> {
  const state: Json = { ...present };
  await onChange(records, found.keyId, state, async ({ before, id }: Change) => {
    const former = Remembered.safeParse(before).data ?? null;
    for (const alert of warningsAbout(found, former, present, id)) await alerts.raise(alert);
  });
}

function difference(before: Condition | null, present: Condition): { gained: string[]; lost: string[] } {
  if (!before?.permissions || !present.permissions) return { gained: [], lost: [] };
  const [former, now] = [new Set(before.permissions), new Set(present.permissions)];
  return { gained: [...now.difference(former)], lost: [...former.difference(now)] };
}

function listed(word: string, permissions: readonly string[]): string {
  return permissions.length === 0 ? "" : `${word} ${permissions.join(", ")}`;
}
