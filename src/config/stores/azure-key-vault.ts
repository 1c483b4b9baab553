/** The section `store` of type azure-key-vault: which two secrets of which key vault. */
import { z } from "zod";
import { text } from "../fields.ts";
import { section } from "../section.ts";
import type { StorePlace } from "./place.ts";

export type AzureKeyVaultConfig = {
  readonly type: "azure-key-vault";
  /** Without a path or a slash at its end. */
  readonly vault: string;
  readonly secret: string;
  readonly rotatorSecret: string;
  readonly clientId: string | null;
  readonly place: StorePlace;
};

const OWN_SUFFIX = "-rotator";
const MOST_CHARACTERS = 127;

const secretName = text("the name of a secret: 1 to 127 of 0-9, a-z, A-Z and -", (name) => {
  return /^[0-9a-zA-Z-]{1,127}$/.test(name);
});

// Every cloud has a domain of its own: vault.azure.net, vault.azure.cn, vault.usgovcloudapi.net.
const vaultAddress = text("the address of a key vault, such as https://NAME.vault.azure.net", (address) => {
  return /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.[a-z0-9-]+(\.[a-z0-9-]+)+\/?$/i.test(address);
}).transform((address) => address.toLowerCase().replace(/\/$/, ""));

const guid = text("the client id of an identity, such as 00000000-0000-0000-0000-000000000000", (id) => {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);
});

/** Whether a name that would do for the application's secret leaves no room for the rotator's. */
function isTooLong(secret: string): boolean {
  return secret.length <= MOST_CHARACTERS && secret.length + OWN_SUFFIX.length > MOST_CHARACTERS;
}

/** What applications read must not be where the rotator keeps what they may not have yet. */
export const azureKeyVault = section({
  type: z.literal("azure-key-vault"),
  vault: vaultAddress,
  secret: secretName,
  rotatorSecret: secretName.optional(),
  clientId: guid.optional(),
})
  .superRefine(({ secret, rotatorSecret }, context) => {
    const path = ["rotatorSecret"];
    if (rotatorSecret?.toLowerCase() === secret.toLowerCase())
      context.addIssue({
        code: "custom",
        path,
        message: "must be another secret than that of the applications",
      });
    if (rotatorSecret === undefined && isTooLong(secret))
      context.addIssue({
        code: "custom",
        path,
        message: `is missing; ${OWN_SUFFIX} would make the secret's name too long`,
      });
  })
  .transform(
    ({ type, vault, secret, rotatorSecret = `${secret}${OWN_SUFFIX}`, clientId }): AzureKeyVaultConfig => {
      // To Azure, names that differ in case alone are the same.
      const names = { active: secret.toLowerCase(), rotator: rotatorSecret.toLowerCase() };
      const place = { container: `key vault ${vault}`, noun: "secret of a key vault", namesIn: null, names };
      return { type, vault, secret, rotatorSecret, clientId: clientId ?? null, place };
    },
  );
