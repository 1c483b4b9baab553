/** Finds the managed key that a Paddle key id belongs to, by looking into the stores: names in a job never decide. */
import type { ManagedKey } from "../core/managed-key.ts";
import { identify } from "../core/paddle-key.ts";
import type { Slots } from "../core/slots.ts";
import { standbyKeyOf } from "./standby-key.ts";

export class ManagedKeys {
  readonly #keys: readonly ManagedKey[];
  readonly #names = new Map<string, string>();

  /** Standbys in stores of their own are managed, too. */
  constructor(keys: readonly ManagedKey[]) {
    this.#keys = keys.flatMap((key) => [key, standbyKeyOf(key) ?? []].flat());
  }

  get all(): readonly ManagedKey[] {
    return this.#keys;
  }

  /** null: no key has this name. */
  named(name: string): ManagedKey | null {
    return this.#keys.find((key) => key.name === name) ?? null;
  }

  /** Key id → configured name as last seen, for display. What is missing here may still be managed. */
  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** Looks into every store once, so that `names` is filled. Stores that cannot be read are reported, not thrown. */
  async survey(): Promise<{ key: ManagedKey; error: unknown }[]> {
    const looks = await Promise.allSettled(this.#keys.map((key) => this.#keyIdsOf(key)));
    return looks.flatMap((look, index) => {
      const key = this.#keys[index];
      return look.status === "rejected" && key ? [{ key, error: look.reason }] : [];
    });
  }

  /**
   * The managed key whose slots hold a secret of this key id; null: no store does.
   * Throws StoreError if the answer is unknown because a store cannot be read.
   */
  async find(keyId: string): Promise<ManagedKey | null> {
    const likely = this.#names.get(keyId);
    const inLikelyOrder = this.#keys.toSorted(
      (a, b) => Number(b.name === likely) - Number(a.name === likely),
    );
    let unreadable: unknown;
    for (const key of inLikelyOrder) {
      try {
        if ((await this.#keyIdsOf(key)).has(keyId)) return await this.#userOf(key, keyId);
      } catch (error) {
        unreadable = error;
      }
    }
    if (unreadable) throw unreadable;
    return null;
  }

  /** A standby that was just promoted may lie in its own store still; the store that consumers read comes first. */
  async #userOf(key: ManagedKey, keyId: string): Promise<ManagedKey> {
    const user = this.#keys.find((other) => standbyKeyOf(other)?.name === key.name);
    return user && (await this.#keyIdsOf(user)).has(keyId) ? user : key;
  }

  async #keyIdsOf(key: ManagedKey): Promise<ReadonlySet<string>> {
    const { slots } = await key.store.read();
    const keyIds = keyIdsIn(slots);
    for (const keyId of keyIds) this.#names.set(keyId, key.name);
    return keyIds;
  }
}

function keyIdsIn(slots: Slots): ReadonlySet<string> {
  const held = [slots.active, slots.old, slots.pending, slots.standby];
  return new Set(held.flatMap((issued) => (issued ? (identify(issued.secret)?.keyId ?? []) : [])));
}
