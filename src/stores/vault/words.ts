/** How messages, policies and commands name a secret of Vault. */
import type { SecretField } from "../../core/slot-fields.ts";
import type { StoreGuide } from "../../core/ports.ts";
import type { VaultOptions } from "./options.ts";

/** The names of the fields that hold the secrets and the notes on them, within the secret of Vault. */
export type VaultFields = Readonly<Record<SecretField | "notes", string>>;

export type Words = {
  /** `secret/billing in Vault https://vault.example.com:8200` */
  readonly place: string;
  /** As in Vault's policies: `secret/data/billing`. */
  readonly dataPath: string;
  readonly metadataPath: string;
  readonly fields: VaultFields;
  /** A command line for the KV engine, e.g. `vault kv put -mount=secret billing NAME=-`. */
  readonly kv: (verb: string, flags?: readonly string[], rest?: readonly string[]) => string;
};

export function wordsFor({ address, namespace, mount, path, fields }: VaultOptions): Words {
  const within = namespace === null ? "" : `, namespace ${namespace}`;
  const always = [...(namespace === null ? [] : [`-namespace=${namespace}`]), `-mount=${mount}`];
  return {
    place: `${mount}/${path} in Vault ${address}${within}`,
    dataPath: `${mount}/data/${path}`,
    metadataPath: `${mount}/metadata/${path}`,
    // By the name of the active secret, because several keys may share a secret of Vault.
    fields: { ...fields, notes: `${fields.active}_NOTES` },
    kv: (verb, flags = [], rest = []) => ["vault kv", verb, ...always, ...flags, path, ...rest].join(" "),
  };
}

export function guideFor({ dataPath, metadataPath, fields, kv }: Words): StoreGuide {
  const command = kv("get", [`-field=${fields.active}`]);
  return {
    applicationsRead: `${fields.active} of ${dataPath} (${command}), and ${fields.old} if Paddle refuses it`,
    needs: [
      `# read on ${dataPath} and update on ${dataPath}`,
      `path "${dataPath}" { capabilities = ["read", "update"] }`,
      "# optional: the secret's custom metadata then says what each secret is, for people",
      `path "${metadataPath}" { capabilities = ["read", "update"] }`,
      "# beside these, what Vault's policy `default` gives: lookup-self, renew-self and capabilities-self",
    ],
  };
}
