/** Finds the managed key that a Paddle key id belongs to, by looking into the stores: names in a job never decide. */
import type { ManagedKey } from "../core/managed-key.ts";
import { identify } from "../core/paddle-key.ts";
import { shareQuestion } from "../core/share-question.ts";
import { isLegacy, type Slots } from "../core/slots.ts";
import { standbyKeyOf } from "./standby-key.ts";

type Look = { readonly key: ManagedKey } & (
  { readonly keyIds: ReadonlySet<string> } | { readonly error: unknown }
);

export class ManagedKeys {
  readonly #keys: readonly ManagedKey[];
  readonly #names = new Map<string, string>();
  readonly #legacy = new Set<ManagedKey>();
  /** Events about keys that nobody manages come in crowds, and each would read every store by itself. */
  readonly #looks = shareQuestion(() => Promise.all(this.#keys.map((key) => this.#look(key))));

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

  /** Those whose store held a secret without a key id when it was last read. */
  get legacy(): readonly ManagedKey[] {
    return [...this.#legacy];
  }

  /** Looks into every store once, so that `names` is filled. Stores that cannot be read are reported, not thrown. */
  async survey(): Promise<{ key: ManagedKey; error: unknown }[]> {
    const looks = await this.#looks();
    return looks.flatMap((look) => ("error" in look ? [look] : []));
  }

  /**
   * The managed key whose slots hold a secret of this key id; null: no store does.
   * Throws StoreError if the answer is unknown because a store cannot be read.
   */
  async find(keyId: string): Promise<ManagedKey | null> {
    const likely = this.named(this.#names.get(keyId) ?? "");
    const isThere = likely && (await this.#lookInto(likely).catch(() => null))?.has(keyId);
    if (isThere) return this.#userOf(likely, keyId);
    const looks = await this.#looks();
    const found = looks.find((look) => "keyIds" in look && look.keyIds.has(keyId));
    if (found) return this.#userOf(found.key, keyId);
    const unreadable = looks.find((look) => "error" in look);
    if (unreadable) throw unreadable.error;
    return null;
  }

  /** A standby that was just promoted may lie in its own store still; the store that consumers read comes first. */
  async #userOf(key: ManagedKey, keyId: string): Promise<ManagedKey> {
    const user = this.#keys.find((other) => standbyKeyOf(other)?.name === key.name);
    return user && (await this.#lookInto(user)).has(keyId) ? user : key;
  }

  async #look(key: ManagedKey): Promise<Look> {
    return this.#lookInto(key).then(
      (keyIds) => ({ key, keyIds }),
      (error: unknown) => ({ key, error }),
    );
  }

  async #lookInto(key: ManagedKey): Promise<ReadonlySet<string>> {
    const { slots } = await key.store.read();
    const keyIds = keyIdsIn(slots);
    for (const keyId of keyIds) this.#names.set(keyId, key.name);
    const { active, old } = slots;
    if ([active, old].some((issued) => issued && isLegacy(issued))) this.#legacy.add(key);
    else this.#legacy.delete(key);
    return keyIds;
  }
}

function keyIdsIn(slots: Slots): ReadonlySet<string> {
  const held = [slots.active, slots.old, slots.pending, slots.standby];
  return new Set(held.flatMap((issued) => (issued ? (identify(issued.secret)?.keyId ?? []) : [])));
}
