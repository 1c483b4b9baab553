/** Keeps the secrets of one managed key as fields of one secret of HashiCorp Vault or OpenBao. */
import type { Clock, SecretStore } from "../../core/ports.ts";
import { FieldsStore } from "../fields-store.ts";
import { Access } from "./access.ts";
import { VaultClient } from "./client.ts";
import { VaultDocument } from "./document.ts";
import { PATIENCE, type Patience, type VaultOptions } from "./options.ts";
import { Session } from "./session.ts";
import { wordsFor } from "./words.ts";

/** Nothing is asked or opened yet. */
export function vaultStore(
  options: VaultOptions,
  {
    clock,
    patience = PATIENCE,
    random = Math.random,
  }: {
    readonly clock: Clock;
    readonly patience?: Patience;
    readonly random?: () => number;
  },
): SecretStore {
  const words = wordsFor(options);
  const { place } = words;
  const { address, namespace, caFile, auth } = options;
  const client = new VaultClient({ place, address, namespace, caFile, clock, patience, random });
  const session = new Session({ place, auth, client, clock });
  const access = new Access({ words, client, session });
  return new FieldsStore(new VaultDocument({ words, client, access }));
}
