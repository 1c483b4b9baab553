/** A place of every kind of secret store, as the contract suite opens them. */
import type { OpenPlace } from "../../contract/secret-store.contract.ts";
import { EnvFilePlace } from "../env-file-place.ts";
import { AwsPlace } from "./aws-secrets-manager-place.ts";
import { AzureKeyVaultPlace } from "./azure-key-vault-place.ts";
import { GoogleSecretManagerPlace } from "./google-secret-manager-place.ts";
import { KubernetesPlace } from "./kubernetes-place.ts";
import { VaultPlace } from "./vault-place.ts";

export const STORE_PLACES: Readonly<Record<string, OpenPlace>> = {
  "an env file": (beside) => EnvFilePlace.open(beside),
  "AWS Secrets Manager, versions": (beside) => AwsPlace.open(beside, "json versions"),
  "AWS Secrets Manager, fields": (beside) => AwsPlace.open(beside, "fields"),
  Vault: (beside) => VaultPlace.open(beside),
  "a Kubernetes Secret": (data) => KubernetesPlace.open({ data }),
  "Google Secret Manager": (beside) => GoogleSecretManagerPlace.open(beside),
  "an Azure key vault": (beside) => AzureKeyVaultPlace.open(beside),
};
