/**
 * A standby in a store of its own is a key like any other: it is rotated on the schedule of the key that it stands
 * by for, killed first when it is exposed, and looked after by the sweep. To the engine it shows its `standby` slot
 * as the active one; `old` and `pending` of its store are its own.
 */
import { withExchangedSlots } from "../core/exchanged-slots.ts";
import type { ManagedKey } from "../core/managed-key.ts";

/** null: the key's standby, if it has one, lies in the key's own store. */
export function standbyKeyOf(key: ManagedKey): ManagedKey | null {
  if (!key.standbyStore) return null;
  const store = withExchangedSlots(key.standbyStore);
  return {
    ...key,
    name: `${key.name}-standby`,
    store,
    standbyStore: null,
    consumers: [],
    checks: [],
    standbyOf: key.name,
  };
}
