/**
 * Finds the managed key behind an event about a legacy key, whose secret carries no key id. Paddle does not say whose
 * secret it was asked with, and a legacy key may read every key of its account, so that an answer about a key proves
 * nothing. What proves it is that the account has one living legacy key and no other. That is remembered by the
 * secret's fingerprint, because a dead secret can ask nothing any more.
 */
import { PaddleError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { PaddleApi, Records, SecretStore } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { isLegacy, type IssuedSecret, type Slots } from "../core/slots.ts";

const LEARNED = "legacy-keys";

export type LegacySearch = {
  readonly keys: readonly ManagedKey[];
  readonly paddle: Pick<PaddleApi, "listKeys">;
  readonly records: Records;
};

/**
 * The managed key whose store holds a legacy secret of this key id, with the id in its slots; null: none is known to.
 * Throws StoreError or PaddleError if the answer may be another one later.
 */
export async function findLegacyKey(keyId: string, search: LegacySearch): Promise<ManagedKey | null> {
  for (const key of search.keys) {
    const { active, old } = (await key.store.read()).slots;
    for (const { secret } of [active, old].filter((issued) => issued !== null).filter(isLegacy)) {
      // A former secret is asked nothing: its use would look like that of an application.
      const learned = await recall(secret, search);
      const id = learned ?? (secret === active?.secret ? await learn(secret, search) : null);
      if (id === keyId) return { ...key, store: named(key.store, secret, keyId) };
    }
  }
  return null;
}

/** The configured names of the keys whose active secret carries no key id. */
export async function namelessKeys(keys: readonly ManagedKey[]): Promise<readonly string[]> {
  const reads = await Promise.all(keys.map(({ store }) => store.read()));
  return keys.flatMap(({ name }, index) => {
    const active = reads[index]?.slots.active ?? null;
    return active && isLegacy(active) ? [name] : [];
  });
}

async function recall(secret: Secret, { records }: LegacySearch): Promise<string | null> {
  const learned = await records.get(LEARNED, secret.fingerprint());
  return typeof learned === "string" ? learned : null;
}

async function learn(secret: Secret, { paddle, records }: LegacySearch): Promise<string | null> {
  let keys: readonly ApiKey[];
  try {
    keys = await paddle.listKeys(secret);
  } catch (error) {
    if (error instanceof PaddleError && error.retry === "never") return null;
    throw error;
  }
  // Only a legacy key has no list of permissions (Paddle: API keys, Get an API key).
  const [only, ...others] = keys.filter(
    ({ permissions, status }) => permissions === null && status === "active",
  );
  if (!only || others.length > 0) return null;
  await records.putIfAbsent(LEARNED, secret.fingerprint(), only.id);
  return only.id;
}

/** The same store, in whose slots this secret carries its key's id. */
function named(store: SecretStore, secret: Secret, keyId: string): SecretStore {
  const name = <Issued extends IssuedSecret>(issued: Issued | null): Issued | null =>
    issued?.secret.equals(secret) ? { ...issued, keyId } : issued;
  return {
    location: store.location,
    guide: store.guide,
    ...(store.platform && { platform: store.platform }),
    async read() {
      const { slots, version } = await store.read();
      const withNames: Slots = { ...slots, active: name(slots.active), old: name(slots.old) };
      return { slots: withNames, version };
    },
    write: (slots, expected) => store.write(slots, expected),
    checkWritable: () => store.checkWritable(),
  };
}
