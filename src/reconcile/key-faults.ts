/** A key that cannot be looked after is told of by itself, once for each change: the sweep goes on without it. */
import { lastState, onChange } from "../alerts/on-change.ts";
import { keyChecked, keyUnchecked } from "../alerts/reconcile-messages.ts";
import { PaddleError, StoreError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { Alerts, Clock, Records } from "../core/ports.ts";

export type KeyFaultDeps = { readonly records: Records; readonly alerts: Alerts; readonly clock: Clock };

/** Its own store, or an answer of Paddle about it that waiting will not change. Anything else is the sweep's fault. */
export function isOfTheKey(error: unknown): error is StoreError | PaddleError {
  return error instanceof StoreError || (error instanceof PaddleError && error.retry === "never");
}

/** What is remembered before people are told: if the process dies in between, they hear of the end all the same. */
const TELLING = "telling";

/** @param fault why it could not be checked, in public words; null: it was checked */
export async function tellOfKey(key: ManagedKey, fault: string | null, deps: KeyFaultDeps): Promise<void> {
  const { records, alerts, clock } = deps;
  const subject = `unchecked-${key.name}`;
  if (fault === null) {
    await onChange(records, subject, false, async ({ before, id }) => {
      if (before === true || before === TELLING) await alerts.raise(keyChecked(key, id, clock.now()));
    });
    return;
  }
  if ((await lastState(records, subject)) === true) return;
  await onChange(records, subject, TELLING, async () => {});
  await onChange(records, subject, true, ({ id }) => alerts.raise(keyUnchecked(key, fault, id, clock.now())));
}
