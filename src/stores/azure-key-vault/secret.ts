/** One secret of a key vault as a list of versions. A write makes a version, and that is the newest at once. */
import type { KeyVaultSecret, SecretProperties } from "@azure/keyvault-secrets";
import type { StoreError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { refusal } from "../faults.ts";
import type { SecretVersion, VersionedSecret } from "../versioned-secret.ts";
import { carriedOver, marked } from "./carried.ts";
import { placeOf } from "./faults.ts";
import { OLD_VERSION_TAG, type Operation } from "./permissions.ts";
import type { Ask, Vault } from "./vault.ts";

const MOST_BYTES = 25_600;
const MOST_TAGS = 15;
/** A secret of Azure has a version from the first: what a person puts into one that waits for the rotator. */
const NOTHING_YET = new Set(["", "{}"]);

export class VaultSecret implements VersionedSecret {
  readonly #vault: Vault;
  readonly #secret: string;
  readonly #clock: Clock;

  constructor(vault: Vault, secret: string, clock: Clock) {
    this.#vault = vault;
    this.#secret = secret;
    this.#clock = clock;
  }

  get name(): string {
    return placeOf(this.#vault.url, this.#secret);
  }

  async newest(): Promise<SecretVersion | null> {
    const { value = "", properties } = await this.#newest();
    return NOTHING_YET.has(value.trim()) ? null : { text: value, version: this.#versionOf(properties) };
  }

  async add(text: string): Promise<{ version: string }> {
    if (Buffer.byteLength(text) > MOST_BYTES)
      throw refusal(
        this.name,
        `cannot hold more than ${MOST_BYTES} bytes`,
        "nothing has changed; empty its standby",
      );
    // Whoever waits for a turn must be able to count on it: nothing is sent after this.
    const until = this.#vault.patienceEnds;
    const former = (await this.#newest(until)).properties;
    const options = carriedOver(former, this.#clock.now());
    const set: Ask<KeyVaultSecret> = (client, request) =>
      client.setSecret(this.#secret, text, { ...options, ...request });
    const { properties } = await this.#call("set", set, until);
    return { version: this.#versionOf(properties) };
  }

  async disable(version: string): Promise<void> {
    await this.#call("update", (client, request) =>
      client.updateSecretProperties(this.#secret, version, { enabled: false, ...request }),
    );
  }

  /**
   * Azure lists versions in no order and dates them to the second. So of those made in the same second, one is
   * earlier than `version` only if `version` is the newest.
   */
  async earlier(version: string): Promise<readonly string[]> {
    const all = await this.#call("list", (client, request) =>
      Array.fromAsync(client.listPropertiesOfSecretVersions(this.#secret, request)),
    );
    const isNewest = (await this.#newest()).properties.version === version;
    const at = all.find((one) => one.version === version)?.createdOn?.getTime() ?? 0;
    return all
      .filter(({ enabled, createdOn, version: other }) => {
        const made = createdOn?.getTime() ?? 0;
        return enabled !== false && other !== version && (made < at || (isNewest && made === at));
      })
      .map((properties) => this.#versionOf(properties));
  }

  async markOld(version: string | null): Promise<void> {
    const { properties } = await this.#newest();
    if ((properties.tags?.[OLD_VERSION_TAG] ?? null) === version) return;
    const tags = this.#marked(properties, version);
    await this.#call("update", (client, request) =>
      client.updateSecretProperties(this.#secret, this.#versionOf(properties), { tags, ...request }),
    );
  }

  /** Why the newest version could not be marked; null: it could. */
  async lackOfRoom(): Promise<string | null> {
    const { tags } = (await this.#newest()).properties;
    return hasRoom(marked(tags, "any")) ? null : noRoomIn(this.name).message;
  }

  #marked({ tags }: SecretProperties, version: string | null): Record<string, string> {
    const wanted = marked(tags, version);
    if (!hasRoom(wanted)) throw noRoomIn(this.name);
    return wanted;
  }

  #newest(until?: number): Promise<KeyVaultSecret> {
    return this.#call("get", (client, request) => client.getSecret(this.#secret, request), until);
  }

  #call<Result>(operation: Operation, ask: Ask<Result>, until?: number): Promise<Result> {
    return this.#vault.call({ secret: this.#secret, operation }, ask, until);
  }

  #versionOf({ version }: SecretProperties): string {
    if (version !== undefined) return version;
    throw refusal(
      this.name,
      "answered without naming a version",
      "see that the address is that of a key vault",
    );
  }
}

function hasRoom(tags: Readonly<Record<string, string>>): boolean {
  return Object.keys(tags).length <= MOST_TAGS;
}

function noRoomIn(name: string): StoreError {
  return refusal(
    name,
    `has ${MOST_TAGS} tags, as many as a secret can have`,
    `remove one: the rotator names the old version in the tag ${OLD_VERSION_TAG}`,
  );
}
