/**
 * A standby in a store of its own is a key like any other: it is rotated on the schedule of the key that it stands
 * by for, killed first when it is exposed, and looked after by the sweep. To the engine it shows its `standby` slot
 * as the active one; `old` and `pending` of its store are its own.
 */
import type { ManagedKey } from "../core/managed-key.ts";
import type { SecretStore } from "../core/ports.ts";
import type { Slots } from "../core/slots.ts";

/** null: the key's standby, if it has one, lies in the key's own store. */
export function standbyKeyOf(key: ManagedKey): ManagedKey | null {
  if (!key.standbyStore) return null;
  const store = standbyAsActive(key.standbyStore);
  return {
    ...key,
    name: `${key.name}-standby`,
    store,
    standbyStore: null,
    consumers: [],
    standbyOf: key.name,
  };
}

function standbyAsActive(store: SecretStore): SecretStore {
  return {
    location: store.location,
    guide: store.guide,
    async read() {
      const { slots, version } = await store.read();
      return { slots: exchanged(slots), version };
    },
    write: (slots, expected) => store.write(exchanged(slots), expected),
    checkWritable: () => store.checkWritable(),
  };
}

/** Its own inverse. */
function exchanged(slots: Slots): Slots {
  return { ...slots, active: slots.standby, standby: slots.active };
}
