/**
 * A KV secrets engine, version 2, as Vault and OpenBao have it (Vault: API, KV secrets engine version 2; the words of
 * its refusals are those of the engine itself). Times are epoch milliseconds.
 */

export type KvAnswer = { readonly status: number; readonly body?: unknown };

type Version = { data: unknown; readonly createdAt: number; deletedAt: number | null; destroyed: boolean };
type Entry = {
  readonly createdAt: number;
  readonly versions: Map<number, Version>;
  currentVersion: number;
  casRequired: boolean;
  maxVersions: number;
  deleteVersionAfterMs: number;
  customMetadata: Record<string, string> | null;
};
type Fields = Readonly<Record<string, unknown>>;

const DEFAULT_MAX_VERSIONS = 10;

export class KvEngine {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What decides between `create` and `update`. */
  exists(path: string): boolean {
    return this.#entries.has(path);
  }

  readData(path: string): KvAnswer {
    const entry = this.#entries.get(path);
    const version = entry?.versions.get(entry.currentVersion);
    if (!entry || !version) return missing;
    const isGone = version.destroyed || (version.deletedAt !== null && version.deletedAt <= this.#now());
    const metadata = { ...this.#facts(version), version: entry.currentVersion };
    const body = {
      data: {
        data: isGone ? null : version.data,
        metadata: { ...metadata, custom_metadata: entry.customMetadata },
      },
    };
    return { status: isGone ? 404 : 200, body };
  }

  writeData(path: string, { data, options }: Fields): KvAnswer {
    if (!isObject(data)) return refused("no data provided");
    const entry = this.#entries.get(path) ?? this.#newEntry();
    const cas = isObject(options) ? options["cas"] : undefined;
    if (cas === undefined) {
      if (entry.casRequired) return refused("check-and-set parameter required for this call");
    } else if (cas !== entry.currentVersion)
      return refused("check-and-set parameter did not match the current version");
    const deletedAt = entry.deleteVersionAfterMs > 0 ? this.#now() + entry.deleteVersionAfterMs : null;
    const version = { data, createdAt: this.#now(), deletedAt, destroyed: false };
    entry.currentVersion += 1;
    entry.versions.set(entry.currentVersion, version);
    entry.versions.delete(entry.currentVersion - (entry.maxVersions || DEFAULT_MAX_VERSIONS));
    this.#entries.set(path, entry);
    const facts = { ...this.#facts(version), version: entry.currentVersion };
    return { status: 200, body: { data: { ...facts, custom_metadata: entry.customMetadata } } };
  }

  readMetadata(path: string): KvAnswer {
    const entry = this.#entries.get(path);
    if (!entry) return missing;
    const versions = [...entry.versions].map(([number, version]) => [number, this.#facts(version)]);
    return {
      status: 200,
      body: {
        data: {
          versions: Object.fromEntries(versions),
          current_version: entry.currentVersion,
          oldest_version: Math.min(...entry.versions.keys(), 0),
          created_time: iso(entry.createdAt),
          max_versions: entry.maxVersions,
          cas_required: entry.casRequired,
          delete_version_after: `${entry.deleteVersionAfterMs / 1000}s`,
          custom_metadata: entry.customMetadata,
        },
      },
    };
  }

  /** Settings that are not named stay; the custom metadata is replaced as a whole. */
  writeMetadata(path: string, fields: Fields): KvAnswer {
    const custom = fields["custom_metadata"];
    const faults = custom === undefined ? [] : customMetadataFaults(custom);
    if (faults.length > 0) return refused(faults.join("\n"));
    const entry = this.#entries.get(path) ?? this.#newEntry();
    if (custom !== undefined) entry.customMetadata = custom as Record<string, string>;
    if (typeof fields["cas_required"] === "boolean") entry.casRequired = fields["cas_required"];
    if (typeof fields["max_versions"] === "number") entry.maxVersions = fields["max_versions"];
    this.#entries.set(path, entry);
    return { status: 204 };
  }

  deleteLatest(path: string): void {
    const version = this.#latest(path);
    version.deletedAt = this.#now();
  }

  undeleteLatest(path: string): void {
    this.#latest(path).deletedAt = null;
  }

  destroyLatest(path: string): void {
    const version = this.#latest(path);
    version.destroyed = true;
    version.data = null;
  }

  deleteMetadata(path: string): void {
    this.#entries.delete(path);
  }

  deleteVersionsAfter(path: string, ms: number): void {
    const entry = this.#entries.get(path);
    if (entry) entry.deleteVersionAfterMs = ms;
  }

  #latest(path: string): Version {
    const entry = this.#entries.get(path);
    const version = entry?.versions.get(entry.currentVersion);
    if (!version) throw new Error(`there is no version of ${path}`);
    return version;
  }

  #newEntry(): Entry {
    return {
      createdAt: this.#now(),
      versions: new Map(),
      currentVersion: 0,
      casRequired: false,
      maxVersions: 0,
      deleteVersionAfterMs: 0,
      customMetadata: null,
    };
  }

  #facts({ createdAt, deletedAt, destroyed }: Version) {
    const deletion = deletedAt === null ? "" : iso(deletedAt);
    return { created_time: iso(createdAt), deletion_time: deletion, destroyed };
  }
}

const missing: KvAnswer = { status: 404, body: { errors: [] } };

function refused(error: string): KvAnswer {
  return { status: 400, body: { errors: [error] } };
}

/** At most 64 entries, names of 1 to 128 bytes, texts of 1 to 512, all printable. */
function customMetadataFaults(custom: unknown): string[] {
  if (!isObject(custom)) return ["custom_metadata validation failed: not a map"];
  const entries = Object.entries(custom);
  if (entries.length > 64)
    return [
      `custom_metadata validation failed: payload must contain at most 64 keys, provided ${entries.length}`,
    ];
  return entries.flatMap(([name, text]) =>
    typeof text === "string" && fits(name, 128) && fits(text, 512)
      ? []
      : [`custom_metadata validation failed: key ${JSON.stringify(name)} or its value`],
  );
}

function fits(text: string, most: number): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes > 0 && bytes <= most && !/\p{C}/u.test(text);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
