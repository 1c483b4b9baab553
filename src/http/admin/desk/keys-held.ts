/** Which keys are spoken for: one Paddle key cannot serve two names, and nobody may use a secret before its time. */
import type { ManagedKey } from "../../../core/managed-key.ts";
import { type IssuedSecret, keyIdOf, type Slots } from "../../../core/slots.ts";
import { standbyKeyOf } from "../../../rotation/standby-key.ts";
import type { Neighbours } from "./key-neighbours.ts";

export type Holders = {
  /** Key id → configured name. */
  readonly keyNames: ReadonlyMap<string, string>;
  /** What could not be looked at. */
  readonly notes: readonly string[];
};

/**
 * The keys that `key` cannot have: whatever the stores of the others hold, and what is staged for itself. Its own
 * former key and its own standby it can.
 */
export async function keysHeld(
  key: ManagedKey,
  own: Slots,
  others: readonly ManagedKey[],
  neighbours: Neighbours,
): Promise<Holders> {
  const keyNames = new Map(idsOf([own.pending]).map((keyId) => [keyId, key.name]));
  const unread: string[] = [];
  const held = others.flatMap((other) => [other, standbyKeyOf(other) ?? []].flat());
  const looks = await Promise.allSettled(held.map((other) => neighbours.read(other)));
  for (const [index, look] of looks.entries()) {
    const name = held[index]?.name ?? "";
    if (look.status === "rejected") unread.push(name);
    else {
      const { active, old, pending, standby } = look.value.slots;
      for (const keyId of idsOf([active, old, pending, standby])) keyNames.set(keyId, name);
    }
  }
  const notes =
    unread.length > 0
      ? [`Whether ${unread.join(", ")} uses this key already is not known: the store cannot be read.`]
      : [];
  return { keyNames, notes };
}

function idsOf(held: readonly (IssuedSecret | null)[]): string[] {
  return held.flatMap((issued) => (issued && keyIdOf(issued)) ?? []);
}
