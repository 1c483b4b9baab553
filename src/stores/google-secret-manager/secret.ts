/**
 * One secret of Secret Manager as a list of versions, which Google counts: 1, 2, 3 …
 *
 * Only the access of a version by its number is consistent at once; `latest`, lists and aliases may lag for minutes.
 * So the newest version is sought by number, from `latest` upwards.
 * https://cloud.google.com/secret-manager/docs/reference/consistency
 */
import { z } from "zod";
import { refusal, setback } from "../faults.ts";
import type { SecretVersion, VersionedSecret } from "../versioned-secret.ts";
import type { SecretManager } from "./client.ts";
import { crc32c } from "./crc32c.ts";
import type { Failure } from "./failure.ts";
import { ACCESS, ADD, DISABLE, GET, LIST, type Permission, UPDATE } from "./permissions.ts";

const MOST_BYTES = 65_536;
/** Applications that cannot use the newest version read the one that this alias stands for. */
export const OLD_ALIAS = "old";
/** How often the aliases are tried again after somebody else has changed the secret. */
const TRIES = 3;

/** In the place of a version that exists and cannot be read. */
const DISABLED = "disabled";

const isMissing = ({ kind }: Failure) => kind === "missing";
const isGone = ({ kind }: Failure) => kind === "missing" || kind === "state";

const wholeNumber = z.coerce.number().int().nonnegative();
const Accessed = z.object({
  name: z.string(),
  payload: z.object({ data: z.instanceof(Uint8Array), dataCrc32c: z.coerce.number().nullish() }),
});
const Aliased = z.object({
  etag: z.string(),
  versionAliases: z.record(z.string(), z.coerce.string()).nullish(),
});

export class GoogleSecret implements VersionedSecret {
  readonly name: string;
  readonly #manager: SecretManager;
  /** The command that makes the secret. */
  readonly #creation: string;
  /** The highest version that this process knows of; `latest` may still be an older one. */
  #highest = 0;

  constructor(manager: SecretManager, name: string, creation: string) {
    this.#manager = manager;
    this.name = name;
    this.#creation = creation;
  }

  async newest(): Promise<SecretVersion | null> {
    const latest = await this.#access("latest");
    if (latest === null) await this.#exists();
    // What `latest` still stands for may be out of use since.
    const hint = latest === DISABLED ? await this.#highestListed() : Number(latest?.version ?? 0);
    let number = Math.max(hint, this.#highest);
    let found = number === hint && latest !== DISABLED ? latest : await this.#access(String(number));
    for (;;) {
      const newer = await this.#access(String(number + 1));
      if (newer === null) break;
      found = newer;
      number += 1;
    }
    this.#highest = Math.max(this.#highest, number);
    if (found === DISABLED)
      throw refusal(
        `${this.name}/versions/${number}`,
        "cannot be read: it is disabled or destroyed, or its encryption key is",
        "enable it, or add the secret again as a new version: gcloud secrets versions add",
      );
    return found;
  }

  async at(version: string): Promise<string | null> {
    const found = await this.#access(version);
    return found === DISABLED ? null : (found?.text ?? null);
  }

  precedes(version: string): string | null {
    return version === "1" ? null : String(Number(version) - 1);
  }

  async add(text: string): Promise<{ version: string }> {
    const data = Buffer.from(text);
    if (data.length > MOST_BYTES)
      throw refusal(this.name, `cannot hold more than ${MOST_BYTES} bytes`, "nothing has changed");
    const payload = { data, dataCrc32c: crc32c(data) };
    const added = await this.#manager.ask(this.#request("added to", ADD, false), (client, options) =>
      client.addSecretVersion({ parent: this.name, payload }, options),
    );
    return { version: versionIn(added?.[0].name) };
  }

  async earlier(version: string): Promise<readonly string[]> {
    const listed = await this.#list("state:ENABLED");
    return listed.filter((number) => number < Number(version)).map(String);
  }

  /** What is destroyed or gone is out of use already. */
  async disable(version: string): Promise<void> {
    const request = { ...this.#request("disabled", DISABLE), place: `${this.name}/versions/${version}` };
    await this.#manager.ask(
      request,
      (client, options) => client.disableSecretVersion({ name: request.place }, options),
      isGone,
    );
  }

  async markOld(version: string | null): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const [secret] =
        (await this.#manager.ask(this.#request("looked at", GET), (client, options) =>
          client.getSecret({ name: this.name }, options),
        )) ?? [];
      const { etag, versionAliases } = Aliased.parse(secret);
      const { [OLD_ALIAS]: present, ...others } = versionAliases ?? {};
      if ((present ?? null) === version) return;
      const aliases = version === null ? others : { ...others, [OLD_ALIAS]: version };
      const change = { name: this.name, etag, versionAliases: aliases };
      const done = await this.#manager.ask(
        this.#request("given the alias old", UPDATE),
        (client, options) =>
          client.updateSecret({ secret: change, updateMask: { paths: ["version_aliases"] } }, options),
        // Somebody else changed the secret in between.
        ({ kind }) => kind === "state",
      );
      if (done) return;
    }
    throw setback(
      this.name,
      "changed too often to be given the alias old",
      "find out who writes it so often",
    );
  }

  /** Those of these permissions that this process lacks. */
  async missing(permissions: readonly Permission[]): Promise<readonly Permission[]> {
    const request = this.#request("asked for permissions", null);
    const answer = await this.#manager.ask(request, (client, options) =>
      client.testIamPermissions({ resource: this.name, permissions: [...permissions] }, options),
    );
    const granted = answer?.[0].permissions ?? [];
    return permissions.filter((permission) => !granted.includes(permission));
  }

  /** null: there is no such version. */
  async #access(version: string): Promise<SecretVersion | typeof DISABLED | null> {
    const name = `${this.name}/versions/${version}`;
    let disabled = false;
    const answer = await this.#manager.ask(
      this.#request("read", ACCESS),
      (client, options) => client.accessSecretVersion({ name }, options),
      (failure) => {
        disabled = failure.kind === "state";
        return isGone(failure);
      },
    );
    if (disabled) return DISABLED;
    if (!answer) return null;
    const { payload, name: found } = Accessed.parse(answer[0]);
    const sum = payload.dataCrc32c;
    if (sum !== null && sum !== undefined && sum !== crc32c(payload.data))
      throw setback(name, "arrived damaged: its checksum is wrong", "it will be read again");
    return { text: this.#textOf(payload.data, name), version: versionIn(found) };
  }

  #textOf(data: Uint8Array, name: string): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(data);
    } catch {
      throw refusal(name, "is not UTF-8 text", "add the secret as plain text: gcloud secrets versions add");
    }
  }

  /** The numbers of those versions; the very newest may not be among them yet. */
  async #list(filter: string): Promise<readonly number[]> {
    const listed = await this.#manager.ask(this.#request("listed", LIST), (client, options) =>
      client.listSecretVersions({ parent: this.name, filter }, options),
    );
    return (listed?.[0] ?? []).map(({ name }) => Number(versionIn(name)));
  }

  async #highestListed(): Promise<number> {
    return Math.max(0, ...(await this.#list("")));
  }

  /** `latest` is missing both where there is no secret and where there is no version. */
  async #exists(): Promise<void> {
    const found = await this.#manager.ask(
      this.#request("looked at", GET),
      (client, options) => client.getSecret({ name: this.name }, options),
      isMissing,
    );
    if (!found) throw refusal(this.name, "does not exist", this.#creation);
  }

  #request(act: string, permission: Permission | null, repeatable = true) {
    return { place: this.name, act, permission, repeatable };
  }
}

/** The number at the end of a version's full name. */
function versionIn(name: string | null | undefined): string {
  return String(wholeNumber.parse(name?.split("/").at(-1)));
}
