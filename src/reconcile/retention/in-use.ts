/** What is in use, however old it is: of that nothing is forgotten. */
import type { ManagedKey } from "../../core/managed-key.ts";
import type { Records } from "../../core/ports.ts";
import { keyIdOf } from "../../core/slots.ts";
import { nameSwitchOver } from "../../core/switch-over-id.ts";

/** As many as are kept of each key's list. */
const SWITCH_OVERS = 20;

export type InUse = {
  /** Of every secret in any slot: the hex digits of its fingerprint. */
  readonly prints: ReadonlySet<string>;
  /** Of the keys that these secrets belong to. */
  readonly keyIds: ReadonlySet<string>;
  /** The latest of each key: a job that runs again tells nobody twice. */
  readonly switchOvers: ReadonlySet<string>;
};

/** null: a store cannot be read, so nobody knows. Throws QueueError. */
export async function inUse({
  keys,
  records,
}: {
  readonly keys: readonly ManagedKey[];
  readonly records: Pick<Records, "list">;
}): Promise<InUse | null> {
  const [prints, keyIds, switchOvers] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { name, store, standbyStore } of keys) {
    for (const place of standbyStore ? [store, standbyStore] : [store]) {
      const slots = await place.read().then(
        (read) => read.slots,
        () => null,
      );
      if (!slots) return null;
      for (const issued of [slots.active, slots.old, slots.pending, slots.standby]) {
        if (!issued) continue;
        prints.add(issued.secret.fingerprint().slice("sha256:".length));
        const keyId = keyIdOf(issued);
        if (keyId !== null) keyIds.add(keyId);
      }
    }
    const begun = await records.list(`switch-overs-${name}`, { limit: SWITCH_OVERS });
    for (const { id } of begun) switchOvers.add(nameSwitchOver(name, id));
  }
  return { prints, keyIds, switchOvers };
}
