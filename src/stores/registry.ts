/**
 * Every kind of secret store there is. Another one takes a folder of its own and one line here. What a kind needs is
 * imported only where a store of that kind is configured.
 */
import type { Clock, Leases, SecretStore } from "../core/ports.ts";
import type { AwsSecretsManagerOptions } from "./aws-secrets-manager/options.ts";
import type { AzureKeyVaultOptions } from "./azure-key-vault/store.ts";
import type { EnvFileOptions } from "./env-file/store.ts";
import type { GoogleSecretManagerOptions } from "./google-secret-manager/store.ts";
import type { KubernetesOptions } from "./kubernetes/store.ts";
import { withExchangedSlots } from "../core/exchanged-slots.ts";
import type { VaultOptions } from "./vault/options.ts";

/** What a store may need besides its configuration. */
export type StoreNeeds = {
  readonly clock: Clock;
  readonly leases: Leases;
  /** Which secret it is there for. A store that is one value holds this one as its value. */
  readonly holds: "active" | "standby";
};

const STORES = {
  "env-file": async (options: EnvFileOptions) =>
    new (await import("./env-file/store.ts")).EnvFileStore(options),
  "aws-secrets-manager": async (options: AwsSecretsManagerOptions, { clock, holds }: StoreNeeds) =>
    new (await import("./aws-secrets-manager/store.ts")).AwsSecretsManagerStore(options, { clock, holds }),
  kubernetes: async (options: KubernetesOptions, { clock }: StoreNeeds) =>
    (await import("./kubernetes/store.ts")).kubernetesStore(options, clock),
  "azure-key-vault": async (options: AzureKeyVaultOptions, needs: StoreNeeds) =>
    asValue((await import("./azure-key-vault/store.ts")).openAzureKeyVault(options, needs), needs),
  vault: async (options: VaultOptions, needs: StoreNeeds) =>
    (await import("./vault/store.ts")).vaultStore(options, needs),
  "google-secret-manager": async (options: GoogleSecretManagerOptions, needs: StoreNeeds) =>
    asValue(
      (await import("./google-secret-manager/store.ts")).openGoogleSecretManager(options, needs),
      needs,
    ),
} satisfies Record<string, (options: never, needs: StoreNeeds) => Promise<SecretStore>>;

/** @param store one whose value is the active secret */
function asValue(store: SecretStore, { holds }: StoreNeeds): SecretStore {
  return holds === "standby" ? withExchangedSlots(store) : store;
}

type StoreType = keyof typeof STORES;
type Options = { readonly [Type in StoreType]: Parameters<(typeof STORES)[Type]>[0] };
type Factories = {
  readonly [Type in StoreType]: (options: Options[Type], needs: StoreNeeds) => Promise<SecretStore>;
};

/** The store of a managed key, by the `type` of its configuration. Nothing is opened or read yet. */
export function createStore<Type extends StoreType>(
  config: { readonly type: Type } & Options[Type],
  needs: StoreNeeds,
): Promise<SecretStore> {
  const factories: Factories = STORES;
  return factories[config.type](config, needs);
}
