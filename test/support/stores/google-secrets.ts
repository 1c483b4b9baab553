/**
 * The secrets of a Google Cloud project, as Secret Manager keeps them: what it refuses, and what lags behind.
 * - https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets
 * - https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions
 * - https://cloud.google.com/secret-manager/docs/etags and …/docs/assign-alias-to-secret-version
 * - https://cloud.google.com/secret-manager/quotas (64 KiB) and …/docs/reference/consistency
 */
import { createHash } from "node:crypto";
import { z } from "zod";

export type FakeVersion = {
  readonly number: number;
  readonly data: Buffer;
  state: "ENABLED" | "DISABLED" | "DESTROYED";
};

export type FakeSecret = {
  readonly name: string;
  revision: number;
  aliases: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly versions: FakeVersion[];
};

/** An answer that is none. `status`: as in google.rpc.Code. */
export class Refused extends Error {
  readonly http: number;
  readonly status: string;
  readonly info: Readonly<Record<string, unknown>> | null;

  constructor(
    http: number,
    status: string,
    message: string,
    info: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(message);
    this.http = http;
    this.status = status;
    this.info = info;
  }
}

const invalid = (message: string) => new Refused(400, "INVALID_ARGUMENT", message);
const AddBody = z.strictObject({
  payload: z.strictObject({ data: z.base64(), dataCrc32c: z.coerce.number().optional() }),
});
const texts = z.record(z.string(), z.string()).optional();
/** The official client sends every map, empty where it was not given: what is not in the mask does not count. */
const PatchBody = z.strictObject({
  etag: z.string().optional(),
  labels: texts,
  annotations: texts,
  tags: texts,
  versionAliases: z.record(z.string(), z.coerce.string()).optional(),
});
const DisableBody = z.strictObject({ etag: z.string().optional() });

const MOST_BYTES = 65_536;
const MOST_ALIASES = 50;
const STATES = { ENABLED: 1, DISABLED: 2, DESTROYED: 3 } as const;

export class FakeSecrets {
  readonly all = new Map<string, FakeSecret>();
  /** How many versions `latest`, lists and aliases are behind. */
  lag = 0;
  /** Turns a bit of every payload on its way, while true. */
  damages = false;

  create(name: string, annotations: Readonly<Record<string, string>> = {}): FakeSecret {
    const secret = { name, revision: 1, aliases: {}, annotations, versions: [] };
    this.all.set(name, secret);
    return secret;
  }

  /** As a person does with gcloud. */
  put(name: string, text: string): FakeVersion {
    const { versions } = this.find(name);
    const version: FakeVersion = { number: versions.length + 1, data: Buffer.from(text), state: "ENABLED" };
    versions.push(version);
    return version;
  }

  find(name: string): FakeSecret {
    const secret = this.all.get(name);
    if (!secret) throw new Refused(404, "NOT_FOUND", `Secret [${name}] not found or has no versions.`);
    return secret;
  }

  /** The texts that can still be read, by version. */
  readable(name: string): Readonly<Record<string, string>> {
    const enabled = this.find(name).versions.filter(({ state }) => state === "ENABLED");
    return Object.fromEntries(enabled.map(({ number, data }) => [number, data.toString()]));
  }

  access(name: string, which: string) {
    const version = this.#version(name, which);
    if (version.state !== "ENABLED")
      throw new Refused(
        400,
        "FAILED_PRECONDITION",
        `Secret Version [${name}/versions/${version.number}] is in ${version.state} state.`,
      );
    const data = Buffer.from(version.data);
    if (this.damages) data.writeUInt8(data.readUInt8(0) ^ 1, 0);
    const payload = { data: data.toString("base64"), dataCrc32c: String(checksum(version.data)) };
    return { name: `${name}/versions/${version.number}`, payload };
  }

  add(name: string, body: unknown) {
    const { payload } = parse(AddBody, body);
    const secret = this.find(name);
    const data = Buffer.from(payload.data, "base64");
    if (data.length === 0) throw invalid("Secret Payload cannot be empty.");
    if (data.length > MOST_BYTES) throw invalid(`Secret Payload cannot be larger than ${MOST_BYTES} bytes.`);
    if (payload.dataCrc32c !== undefined && payload.dataCrc32c !== checksum(data))
      throw invalid("The provided checksum does not match the payload.");
    return viewOf(secret, this.put(name, data.toString()));
  }

  list(name: string, query: URLSearchParams) {
    const secret = this.find(name);
    const filter = query.get("filter");
    if (filter !== null && filter !== "" && filter !== "state:ENABLED")
      throw invalid(`filter ${filter} is not known here`);
    // In pages of two, so that whoever does not follow them finds out.
    const [from, size] = [Number(query.get("pageToken") ?? 0), 2];
    const seen = secret.versions.slice(0, Math.max(0, secret.versions.length - this.lag)).toReversed();
    const matching = seen.filter(({ state }) => !filter || state === "ENABLED");
    const next = from + size < matching.length ? String(from + size) : "";
    return {
      versions: matching.slice(from, from + size).map((version) => viewOf(secret, version)),
      nextPageToken: next,
      totalSize: matching.length,
    };
  }

  disable(name: string, which: string, body: unknown) {
    parse(DisableBody, body);
    const version = this.#version(name, which);
    if (version.state === "DESTROYED")
      throw new Refused(
        400,
        "FAILED_PRECONDITION",
        `Secret Version [${name}/versions/${which}] is in DESTROYED state.`,
      );
    version.state = "DISABLED";
    return viewOf(this.find(name), version);
  }

  get(name: string) {
    const secret = this.find(name);
    const { aliases, annotations } = secret;
    return {
      name,
      replication: { automatic: {} },
      etag: etagOf(secret),
      versionAliases: aliases,
      annotations,
    };
  }

  patch(name: string, body: unknown, query: URLSearchParams) {
    const { etag, versionAliases = {} } = parse(PatchBody, body);
    const secret = this.find(name);
    if (query.get("updateMask") !== "version_aliases") throw invalid("updateMask names nothing known here");
    if (etag !== undefined && etag !== etagOf(secret))
      throw new Refused(400, "FAILED_PRECONDITION", "The etag does not match the current one.");
    if (Object.keys(versionAliases).length > MOST_ALIASES) throw invalid("too many aliases");
    for (const [alias, number] of Object.entries(versionAliases)) {
      if (!/^[A-Za-z][\w-]{0,62}$/.test(alias) || alias === "latest") throw invalid(`bad alias ${alias}`);
      const version = secret.versions.find((one) => String(one.number) === number);
      if (!version || version.state === "DESTROYED") throw invalid(`alias of no version: ${number}`);
    }
    secret.aliases = versionAliases;
    secret.revision += 1;
    return this.get(name);
  }

  #version(name: string, which: string): FakeVersion {
    const { versions, aliases } = this.find(name);
    const number =
      which === "latest"
        ? String(Math.max(Math.min(1, versions.length), versions.length - this.lag))
        : (aliases[which] ?? which);
    const version = versions.find((one) => String(one.number) === number);
    if (!version)
      throw new Refused(404, "NOT_FOUND", `Secret Version [${name}/versions/${which}] not found.`);
    return version;
  }
}

function viewOf({ name }: FakeSecret, { number, state }: FakeVersion) {
  return { name: `${name}/versions/${number}`, state: STATES[state], createTime: "2026-11-21T00:00:00Z" };
}

function etagOf({ name, revision }: FakeSecret): string {
  return `"${createHash("sha256").update(`${name} ${revision}`).digest("hex").slice(0, 14)}"`;
}

function parse<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalid("Invalid JSON payload received.");
  return parsed.data;
}

/** CRC-32C bit by bit, so that it shares nothing with the code under test. */
function checksum(data: Buffer): number {
  let crc = 0xffffffffn;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return Number(crc ^ 0xffffffffn);
}
