/**
 * A store seen the other way round: its active secret as the standby, its standby as the active one. The engine sees
 * the store of a standby so, and rotates it like any other; and where a store holds one secret as its whole value, a
 * person who puts a standby there has no other place than that of the active one.
 */
import type { SecretStore } from "./ports.ts";
import type { Slots } from "./slots.ts";

/** Its own inverse. */
export function withExchangedSlots(store: SecretStore): SecretStore {
  return {
    location: store.location,
    guide: store.guide,
    ...(store.platform && { platform: store.platform }),
    async read() {
      const { slots, version } = await store.read();
      return { slots: exchanged(slots), version };
    },
    write: (slots, expected) => store.write(exchanged(slots), expected),
    checkWritable: () => store.checkWritable(),
  };
}

/** Its own inverse. */
export function exchanged(slots: Slots): Slots {
  return { ...slots, active: slots.standby, standby: slots.active };
}
