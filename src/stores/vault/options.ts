/** Which secret a Vault store keeps its slots in, and how it signs in. */
import type { SecretField } from "../../core/slot-fields.ts";
import type { Secret } from "../../core/secret.ts";

/** How this process proves who it is. `mount`: the path of the auth method. */
export type VaultAuth =
  | { readonly method: "token"; readonly token: Secret }
  | {
      readonly method: "approle";
      readonly mount: string;
      readonly roleId: string;
      /** null: the role asks for none. */
      readonly secretId: Secret | null;
    }
  | {
      readonly method: "kubernetes";
      readonly mount: string;
      readonly role: string;
      readonly tokenFile: string;
    };

export type VaultOptions = {
  /** Of the API, without a slash at the end, e.g. `https://vault.example.com:8200`. */
  readonly address: string;
  /** null: the root namespace. */
  readonly namespace: string | null;
  /** Of the KV engine, version 2. */
  readonly mount: string;
  /** Of the secret, below the mount. */
  readonly path: string;
  readonly fields: Readonly<Record<SecretField, string>>;
  readonly auth: VaultAuth;
  /** Of the authority that signed Vault's certificate; null: one of those that Node trusts. */
  readonly caFile: string | null;
};

/** How patient the client is; not configuration. */
export type Patience = {
  /** For one request, from its connection to the last byte of its answer. */
  readonly requestMs: number;
  /** For a request and its repetitions. */
  readonly operationMs: number;
  /** Before the first repetition; doubled for each further one. */
  readonly pauseMs: number;
};

export const PATIENCE: Patience = { requestMs: 5_000, operationMs: 15_000, pauseMs: 250 };
