/** A key that cannot be looked after is told of by itself, once for each change: the sweep goes on without it. */
import { onChange } from "../alerts/on-change.ts";
import { keyChecked, keyUnchecked } from "../alerts/reconcile-messages.ts";
import { PaddleError, StoreError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Alerts, Clock, Records } from "../core/ports.ts";

export type KeyFaultDeps = { readonly records: Records; readonly alerts: Alerts; readonly clock: Clock };

/** Its own store, or an answer of Paddle about it that waiting will not change. Anything else is the sweep's fault. */
export function isOfTheKey(error: unknown): error is StoreError | PaddleError {
  return error instanceof StoreError || (error instanceof PaddleError && error.retry === "never");
}

/** @param fault why it could not be checked, in public words; null: it was checked */
export async function tellOfKey(key: ManagedKey, fault: string | null, deps: KeyFaultDeps): Promise<void> {
  const { records, alerts, clock } = deps;
  await onChange(records, `unchecked-${key.name}`, fault !== null, async ({ before, id }) => {
    if (fault !== null) await alerts.raise(keyUnchecked(key, fault, id, clock.now()));
    else if (before === true) await alerts.raise(keyChecked(key, id, clock.now()));
  });
}
