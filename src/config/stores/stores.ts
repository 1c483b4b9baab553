/** The sections `store`: one schema for each kind of secret store, told apart by its `type`. One line here for each. */
import { z } from "zod";
import { type AwsSecretsManagerConfig, awsSecretsManager } from "./aws-secrets-manager.ts";
import { type AzureKeyVaultConfig, azureKeyVault } from "./azure-key-vault.ts";
import { type EnvFileConfig, envFile } from "./env-file.ts";
import { type GoogleSecretManagerConfig, googleSecretManager } from "./google-secret-manager.ts";
import { type KubernetesConfig, kubernetes } from "./kubernetes.ts";
import { type VaultConfig, vault } from "./vault.ts";

export type StoreConfig =
  | EnvFileConfig
  | AwsSecretsManagerConfig
  | VaultConfig
  | KubernetesConfig
  | GoogleSecretManagerConfig
  | AzureKeyVaultConfig;

/** The schema of the section of each kind. @param folder relative paths start here */
export function storeSections(folder: string) {
  return [
    envFile(folder),
    awsSecretsManager(),
    vault(folder),
    kubernetes(folder),
    googleSecretManager(folder),
    azureKeyVault,
  ] as const;
}

/** The schema of a section `store` of any kind. @param folder relative paths start here */
export function storeSection(folder: string) {
  const sections = storeSections(folder);
  const types = sections.map((schema) => schema.in.shape.type.value).join(", ");
  return z.discriminatedUnion("type", sections, {
    error: ({ code }) =>
      code === "invalid_union" ? `must be one of ${types}` : `must be a section with a type, one of ${types}`,
  });
}
