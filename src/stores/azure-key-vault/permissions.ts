/** What the rotator must be allowed to do with both secrets: https://learn.microsoft.com/azure/key-vault/general/rbac-guide */
import type { StoreGuide } from "../../core/ports.ts";

export const OPERATIONS = ["get", "set", "update", "list"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Which secret is asked for what. */
export type Question = { readonly secret: string; readonly operation: Operation };

/** On the newest version of the application's secret: the name of the version that holds the old secret. */
export const OLD_VERSION_TAG = "paddle-old-version";

/** By operation: the data action of Azure RBAC, and the secret permission of an access policy. */
export const PERMISSIONS: Readonly<Record<Operation, { readonly action: string; readonly policy: string }>> =
  {
    get: { action: "Microsoft.KeyVault/vaults/secrets/getSecret/action", policy: "get" },
    set: { action: "Microsoft.KeyVault/vaults/secrets/setSecret/action", policy: "set" },
    update: { action: "Microsoft.KeyVault/vaults/secrets/update/action", policy: "set" },
    list: { action: "Microsoft.KeyVault/vaults/secrets/readMetadata/action", policy: "list" },
  };

/** @param secrets the application's and the rotator's */
export function guideTo(
  vault: string,
  { secret, rotatorSecret }: { readonly secret: string; readonly rotatorSecret: string },
): StoreGuide {
  const name = new URL(vault).hostname.split(".", 1)[0] ?? "";
  const actions = Object.values(PERMISSIONS).map(({ action }) => `"${action}"`);
  const policies = [...new Set(Object.values(PERMISSIONS).map(({ policy }) => policy))];
  const definition = `{ "Name": "Paddle key rotator", "AssignableScopes": ["/subscriptions/SUBSCRIPTION"], "DataActions": [${actions.join(", ")}] }`;
  return {
    applicationsRead: `secret ${secret} of ${vault}, newest version; if Paddle refuses it, the version named by its tag ${OLD_VERSION_TAG}`,
    needs: [
      `az role definition create --role-definition '${definition}'`,
      `for SECRET in ${secret} ${rotatorSecret}; do az role assignment create --assignee IDENTITY --role "Paddle key rotator" --scope "$(az keyvault show --name ${name} --query id --output tsv)/secrets/$SECRET"; done`,
      `# or the built-in role "Key Vault Secrets Officer" in the same two scopes; it may also delete them`,
      `# a vault with access policies knows no scopes: az keyvault set-policy --name ${name} --object-id IDENTITY --secret-permissions ${policies.join(" ")}`,
    ],
  };
}
