/** A secret of a fake Vault, as the contract suite opens places, and what a test may do to it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/clock.ts";
import type { Clock, SecretStore } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { SecretField } from "../../../src/core/slot-fields.ts";
import type { VaultAuth, VaultOptions } from "../../../src/stores/vault/options.ts";
import { vaultStore } from "../../../src/stores/vault/store.ts";
import type { StorePlace, Wire } from "../../contract/secret-store.contract.ts";
import { isObject } from "./vault-fake-kv.ts";
import { VaultFake, type VaultFakeOptions } from "./vault-fake.ts";

const DATA = "secret/data/billing";
const METADATA = "secret/metadata/billing";
export const FIELDS = {
  active: "ACTIVE_PADDLE_KEY",
  old: "OLD_PADDLE_KEY",
  pending: "PENDING_PADDLE_KEY",
  standby: "STANDBY_PADDLE_KEY",
};

export type SignIn = VaultAuth["method"];

/** Short enough for tests, and long enough for a machine with much to do. */
const PATIENCE = { requestMs: 400, operationMs: 1_000, pauseMs: 2 };

/** A clock that a test may push forward; it sleeps like any other. */
export class PushedClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  push(ms: number): void {
    this.#aheadMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

export class VaultPlace implements StorePlace {
  readonly vault: VaultFake;
  readonly clock: PushedClock;
  readonly #folder: string;
  readonly #signIn: SignIn;
  readonly #namespace: string | null;
  #token = "";

  private constructor(parts: {
    vault: VaultFake;
    clock: PushedClock;
    folder: string;
    signIn: SignIn;
    namespace: string | null;
  }) {
    this.vault = parts.vault;
    this.clock = parts.clock;
    this.#folder = parts.folder;
    this.#signIn = parts.signIn;
    this.#namespace = parts.namespace;
  }

  /** A secret with the texts of `beside`, and a policy as the guide has it. */
  static async open(
    beside: Readonly<Record<string, unknown>> = {},
    signIn: SignIn = "approle",
    options: Omit<VaultFakeOptions, "now"> = {},
  ): Promise<VaultPlace> {
    const clock = new PushedClock();
    const vault = await VaultFake.open({ ...options, now: () => clock.now() });
    const folder = await mkdtemp(join(tmpdir(), "vault-"));
    const place = new VaultPlace({ vault, clock, folder, signIn, namespace: options.namespace ?? null });
    vault.kv.writeData("billing", { data: beside });
    vault.tokens.policy.set(DATA, new Set(["read", "update"]));
    vault.tokens.policy.set(METADATA, new Set(["read", "update"]));
    await writeFile(place.tokenFile, `${vault.tokens.jwt}\n`);
    place.#token = vault.tokens.give({ ttl: 0, maxTtl: 0, renewable: false });
    return place;
  }

  /** Of the service account. */
  get tokenFile(): string {
    return join(this.#folder, "token");
  }

  get options(): VaultOptions {
    const { tokens, address } = this.vault;
    const auth: Readonly<Record<SignIn, VaultAuth>> = {
      token: { method: "token", token: new Secret(this.#token) },
      approle: {
        method: "approle",
        mount: "approle",
        roleId: tokens.roleId,
        secretId: tokens.secretId === null ? null : new Secret(tokens.secretId),
      },
      kubernetes: {
        method: "kubernetes",
        mount: "kubernetes",
        role: tokens.kubernetesRole,
        tokenFile: this.tokenFile,
      },
    };
    return {
      address,
      namespace: this.#namespace,
      mount: "secret",
      path: "billing",
      fields: FIELDS,
      auth: auth[this.#signIn],
      caFile: null,
    };
  }

  store(changed: Partial<VaultOptions> = {}): SecretStore {
    return vaultStore(
      { ...this.options, ...changed },
      { clock: this.clock, patience: PATIENCE, random: () => 0 },
    );
  }

  /** Gives the token method this token from now on. */
  useToken(token: string): void {
    this.#token = token;
  }

  /** The fields of the secret's latest version. */
  data(): Record<string, unknown> {
    const { body } = this.vault.kv.readData("billing");
    const inner = isObject(body) && isObject(body["data"]) ? body["data"]["data"] : null;
    return isObject(inner) ? inner : {};
  }

  customMetadata(): Record<string, string> {
    const { body } = this.vault.kv.readMetadata("billing");
    const custom = isObject(body) && isObject(body["data"]) ? body["data"]["custom_metadata"] : null;
    return isObject(custom)
      ? Object.fromEntries(Object.entries(custom).map(([name, text]) => [name, String(text)]))
      : {};
  }

  async edit(field: SecretField, text: string | null): Promise<void> {
    this.vault.kv.writeData("billing", { data: { ...this.data(), [FIELDS[field]]: text ?? "" } });
  }

  async beside(): Promise<Readonly<Record<string, string>>> {
    const ours: readonly string[] = [...Object.values(FIELDS), "ACTIVE_PADDLE_KEY_NOTES"];
    const others = Object.entries(this.data()).filter(([name]) => !ours.includes(name));
    return Object.fromEntries(others.map(([name, text]) => [name, String(text)]));
  }

  async everything(): Promise<string> {
    return JSON.stringify([this.vault.kv.readData("billing"), this.vault.kv.readMetadata("billing")]);
  }

  readonly breakages = {
    "gone for good": async () => this.vault.kv.deleteMetadata("billing"),
    deleted: async () => this.vault.kv.deleteLatest("billing"),
    destroyed: async () => this.vault.kv.destroyLatest("billing"),
    sealed: async () => void (this.vault.condition = "sealed"),
    "behind a proxy that is lost": async () =>
      void (this.vault.frontPage = { status: 200, body: "<html>canary</html>" }),
    "held by another": async () => {
      this.vault.kv.writeData("billing", { data: { ...this.data(), ACTIVE_PADDLE_KEY: { canary: true } } });
    },
  };

  get wire(): Wire {
    const { vault } = this;
    const deny = (path: string, capability: string) => () =>
      void vault.tokens.policy.get(path)?.delete(capability);
    return {
      hang: () => vault.hang(),
      throttle: (requests) => vault.fail(requests, 429, `request path "${DATA}": rate limit quota exceeded`),
      recover: () => vault.recover(),
      expireCredentials: () => vault.tokens.revokeAll(),
      deny: { [`read on ${DATA}`]: deny(DATA, "read"), [`update on ${DATA}`]: deny(DATA, "update") },
      loseNextAnswer: () => vault.loseNextAnswer(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vault[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
