/**
 * The secrets of one fake key vault: versions, attributes, limits and refusals as Azure documents them.
 * - https://learn.microsoft.com/rest/api/keyvault/secrets (Set, Get, Update Secret; Get Secret Versions)
 * - https://learn.microsoft.com/azure/key-vault/secrets/about-secrets (25 KB, 15 tags, content type of 255)
 * - https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview (a deleted name cannot be used again)
 * - https://learn.microsoft.com/azure/key-vault/general/common-error-codes
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";

const MOST_BYTES = 25_600;
const MOST_TAGS = 15;
// The pages disagree about 256 and 512; the fake takes what both allow.
const MOST_TAG_CHARACTERS = 256;
const MOST_CONTENT_TYPE_CHARACTERS = 255;

/** A refusal in Azure's words. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly inner: string | null;

  constructor(status: number, code: string, message: string, inner: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.inner = inner;
  }
}

const seconds = z.number().int();
const Attributes = z.strictObject({
  enabled: z.boolean().optional(),
  nbf: seconds.nullish(),
  exp: seconds.nullish(),
});
const Changes = z.strictObject({
  contentType: z.string().max(MOST_CONTENT_TYPE_CHARACTERS).nullish(),
  tags: z
    .record(z.string().max(MOST_TAG_CHARACTERS), z.string().max(MOST_TAG_CHARACTERS))
    .refine((tags) => Object.keys(tags).length <= MOST_TAGS)
    .nullish(),
  attributes: Attributes.nullish(),
});
const NewVersion = Changes.extend({
  value: z.string().refine((value) => Buffer.byteLength(value) <= MOST_BYTES),
});
type Changes = z.output<typeof Changes>;

export type FakeVersion = {
  readonly id: string;
  readonly value: string;
  contentType: string | undefined;
  tags: Readonly<Record<string, string>> | undefined;
  enabled: boolean;
  nbf: number | undefined;
  exp: number | undefined;
  /** Whole seconds, as Azure counts. */
  readonly created: number;
  updated: number;
};

export type FakeSecret = { readonly name: string; readonly versions: FakeVersion[]; deleted: boolean };

export class FakeSecrets {
  /** By name in lower case: to Azure, names that differ in case alone are the same. */
  readonly #secrets = new Map<string, FakeSecret>();
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  get all(): readonly FakeSecret[] {
    return [...this.#secrets.values()];
  }

  /** The versions of a secret, oldest first. */
  versions(name: string): readonly FakeVersion[] {
    return this.#existing(name).versions;
  }

  newest(name: string): FakeVersion {
    const newest = this.#existing(name).versions.at(-1);
    if (!newest) throw notFound(name);
    return newest;
  }

  /** As Set Secret: another version, which is the newest at once. */
  set(name: string, body: unknown): FakeVersion {
    const { value, ...changes } = parse(NewVersion, body);
    const secret = this.#secrets.get(name.toLowerCase()) ?? { name, versions: [], deleted: false };
    if (secret.deleted)
      throw new Refused(
        409,
        "Conflict",
        `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
        "ObjectIsDeletedButRecoverable",
      );
    const now = this.#seconds();
    const version: FakeVersion = {
      id: randomUUID().replaceAll("-", ""),
      value,
      contentType: undefined,
      tags: undefined,
      enabled: true,
      nbf: undefined,
      exp: undefined,
      created: now,
      updated: now,
    };
    change(version, changes);
    secret.versions.push(version);
    this.#secrets.set(name.toLowerCase(), secret);
    return version;
  }

  /** As Get Secret; without a version the newest, even if that one is disabled. */
  get(name: string, id: string | null): FakeVersion {
    const version = id === null ? this.newest(name) : this.#version(name, id);
    if (!version.enabled)
      throw new Refused(
        403,
        "Forbidden",
        "Operation get is not allowed on a disabled secret.",
        "SecretDisabled",
      );
    return version;
  }

  /** As Update Secret: what is not named stays; tags are replaced as a whole. */
  update(name: string, id: string, body: unknown): FakeVersion {
    const changes = parse(Changes, body);
    const version = this.#version(name, id);
    change(version, changes);
    version.updated = this.#seconds();
    return version;
  }

  /** Soft-deletes; as in a vault with purge protection, the name stays taken. */
  delete(name: string): void {
    this.#existing(name).deleted = true;
  }

  #existing(name: string): FakeSecret {
    const secret = this.#secrets.get(name.toLowerCase());
    if (!secret || secret.deleted) throw notFound(name);
    return secret;
  }

  #version(name: string, id: string): FakeVersion {
    const version = this.#existing(name).versions.find((one) => one.id === id.toLowerCase());
    if (!version) throw notFound(`${name}/${id}`);
    return version;
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

function change(version: FakeVersion, { contentType, tags, attributes }: Changes): void {
  version.contentType = contentType ?? version.contentType;
  version.tags = tags ?? version.tags;
  version.enabled = attributes?.enabled ?? version.enabled;
  version.nbf = attributes?.nbf ?? version.nbf;
  version.exp = attributes?.exp ?? version.exp;
}

function parse<Output>(schema: z.ZodType<Output>, body: unknown): Output {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refused(400, "BadParameter", "Property  has invalid value\r\n");
  return parsed.data;
}

function notFound(name: string): Refused {
  return new Refused(
    404,
    "SecretNotFound",
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );
}
