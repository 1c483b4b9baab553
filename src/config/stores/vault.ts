/** The section `store` of type vault: which secret of which Vault or OpenBao, and how this process signs in. */
import { resolve } from "node:path";
import { z } from "zod";
import { mustBe, secret, text } from "../fields.ts";
import { isLoopback } from "../loopback.ts";
import { section } from "../section.ts";
import { type FieldNames, fieldNames, type StorePlace } from "./place.ts";
import type { Secret } from "../../core/secret.ts";

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
      /** Absolute. */
      readonly tokenFile: string;
    };

export type VaultConfig = {
  readonly type: "vault";
  /** Of the API, without a slash at the end. */
  readonly address: string;
  /** null: the root namespace. */
  readonly namespace: string | null;
  /** Of a KV engine of version 2. */
  readonly mount: string;
  readonly path: string;
  readonly fields: FieldNames;
  readonly auth: VaultAuth;
  /** Absolute; null: the authorities that Node trusts. */
  readonly caFile: string | null;
  readonly place: StorePlace;
};

const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Tokens and secrets are sent to it. */
const address = text(
  "an https:// address (http:// only on this machine) with at most a path: no user, password, ? or #",
  (input) => {
    const url = URL.parse(input);
    if (!url || url.username || url.password || /[?#]/.test(input)) return false;
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  },
).transform((input) => new URL(input).href.replace(/\/+$/, ""));

/** Vault's policies give a meaning to `*`, `+` and `{{`, its URLs to `?`, `#` and `%`, and shells to most others. */
const WORDS = /^[\w.@:=-]+(\/[\w.@:=-]+)*$/;

function words(what: string) {
  return text(`${what}: words of letters, digits and _ - . @ : =, with / between them`, (path) => {
    return WORDS.test(path) && !path.split("/").some((word) => word === "." || word === "..");
  });
}

const oneLine = (found: string) => /^[\x21-\x7e]+$/.test(found);

/** @param folder relative paths start here */
function authSection(folder: string) {
  const sections = [
    section({
      method: z.literal("token"),
      token: secret("a token, in one line without spaces", oneLine),
    }),
    section({
      method: z.literal("approle"),
      mount: words("the path of the auth method").prefault("approle"),
      roleId: text("a role ID, in one line without spaces", oneLine),
      secretId: secret("a secret ID, in one line without spaces", oneLine).optional(),
    }).transform((given) => ({ ...given, secretId: given.secretId ?? null })),
    section({
      method: z.literal("kubernetes"),
      mount: words("the path of the auth method").prefault("kubernetes"),
      role: text("the name of a role", (name) => name !== ""),
      tokenFile: text("the path of a file", (path) => path !== "" && !path.includes("\0")).prefault(
        SERVICE_ACCOUNT_TOKEN,
      ),
    }).transform((given) => ({ ...given, tokenFile: resolve(folder, given.tokenFile) })),
  ] as const;
  const error = mustBe("a section with a method: token, approle or kubernetes");
  return z.unknown().pipe(z.discriminatedUnion("method", sections, { error }));
}

/** @param folder relative paths start here */
export function vault(folder: string) {
  return section({
    type: z.literal("vault"),
    address,
    namespace: words("the path of a namespace").optional(),
    mount: words("the mount of a KV engine of version 2").prefault("secret"),
    path: words("the path of the secret below its mount, without data/"),
    fields: fieldNames,
    auth: authSection(folder),
    caFile: text("the path of a file", (path) => path !== "" && !path.includes("\0")).optional(),
  }).transform(({ namespace = null, caFile, ...given }): VaultConfig => {
    const { address: at, mount, path, fields } = given;
    const place = {
      container: `vault ${JSON.stringify([at, namespace, mount, path])}`,
      noun: "secret",
      namesIn: "fields",
      // Where the notes on the secrets are kept.
      names: { ...fields, notes: `${fields.active}_NOTES` },
    };
    return {
      ...given,
      namespace,
      caFile: caFile === undefined ? null : resolve(folder, caFile),
      place,
    };
  });
}
