/** Keeps the slots in two secrets of an Azure key vault: the application's, and the rotator's own beside it. */
import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import type { SecretClientOptions } from "@azure/keyvault-secrets";
import type { Clock, Leases, SecretStore } from "../../core/ports.ts";
import { TwoSecretsStore } from "../two-secrets.ts";
import { placeOf } from "./faults.ts";
import { guideTo } from "./permissions.ts";
import { VaultSecret } from "./secret.ts";
import { Vault } from "./vault.ts";
import { Rehearsal } from "./writable.ts";

export type AzureKeyVaultOptions = {
  /** Without a path, e.g. `https://kv-billing.vault.azure.net`. */
  readonly vault: string;
  /** What applications read. */
  readonly secret: string;
  /** What nobody but the rotator reads. */
  readonly rotatorSecret: string;
  /** Of a user-assigned identity; null: the one that the environment says. */
  readonly clientId: string | null;
};

type Needs = { readonly clock: Clock; readonly leases: Leases };

/** What tests do otherwise. */
export type AzureKeyVaultSettings = {
  readonly openCredential?: () => TokenCredential;
  readonly deadlineMs?: number;
  readonly pauseMs?: number;
  readonly random?: () => number;
  readonly client?: SecretClientOptions;
};

/** Nothing is asked of the vault yet. */
export function openAzureKeyVault(
  { vault: url, secret, rotatorSecret, clientId }: AzureKeyVaultOptions,
  { clock, leases }: Needs,
  settings: AzureKeyVaultSettings = {},
): SecretStore {
  const options = {
    url,
    openCredential: settings.openCredential ?? (() => environmentsCredential(clientId)),
    clock,
    random: settings.random ?? Math.random,
    deadlineMs: settings.deadlineMs ?? 5_000,
    pauseMs: settings.pauseMs ?? 500,
    client: settings.client ?? {},
  };
  const vault = new Vault(options);
  const rehearsal = new Rehearsal(options);
  const application = new VaultSecret(vault, secret, clock);
  return new TwoSecretsStore({
    location: placeOf(url, secret),
    guide: guideTo(url, { secret, rotatorSecret }),
    application,
    workbench: new VaultSecret(vault, rotatorSecret, clock),
    leases,
    clock,
    checkWritable: async () => {
      const undone = await rehearsal.play(secret, rotatorSecret);
      const noRoom = await application.lackOfRoom();
      return noRoom === null ? undone : [...undone, noRoom];
    },
  });
}

/** Workload identity, managed identity, or AZURE_CLIENT_SECRET and its like: as everywhere on Azure. */
function environmentsCredential(clientId: string | null): TokenCredential {
  return clientId === null
    ? new DefaultAzureCredential()
    : new DefaultAzureCredential({ managedIdentityClientId: clientId, workloadIdentityClientId: clientId });
}
