/** A place for the contract suite: two secrets of a key vault, among others. */
import { systemClock } from "../../../src/clock.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import type { SecretField } from "../../../src/core/slot-fields.ts";
import { type AzureKeyVaultSettings, openAzureKeyVault } from "../../../src/stores/azure-key-vault/store.ts";
import { parseDocument } from "../../../src/stores/two-secrets-document.ts";
import type { StorePlace, Wire } from "../../contract/secret-store.contract.ts";
import { memoryLeases } from "../memory-leases.ts";
import { ACTIONS, FakeKeyVault, THROTTLED } from "./azure-key-vault-fake.ts";
import { Refused } from "./azure-key-vault-secrets.ts";

export const SECRET = "paddle-api-key";
export const ROTATOR_SECRET = "paddle-api-key-rotator";

const FIREWALL = new Refused(
  403,
  "Forbidden",
  "Client address is not authorized and caller is not a trusted service.\r\nClient address: 192.0.2.1\r\nVault: fake;location=westeurope",
  "ForbiddenByFirewall",
);

/** What people keep beside a value. */
const TAGS = { team: "billing", note: "Grüße, 東京 🔑" };

export class AzureKeyVaultPlace implements StorePlace {
  readonly vault: FakeKeyVault;
  readonly #beside: readonly string[];
  readonly #leases = memoryLeases(systemClock);

  private constructor(vault: FakeKeyVault, beside: readonly string[]) {
    this.vault = vault;
    this.#beside = beside;
  }

  static async open(beside: Readonly<Record<string, string>>): Promise<AzureKeyVaultPlace> {
    const vault = await FakeKeyVault.open();
    for (const [name, value] of Object.entries(beside)) vault.secrets.set(azureName(name), { value });
    vault.secrets.set(SECRET, { value: "", tags: TAGS, contentType: "text/plain" });
    vault.secrets.set(ROTATOR_SECRET, { value: "{}", tags: TAGS });
    return new AzureKeyVaultPlace(vault, Object.keys(beside));
  }

  store(settings: AzureKeyVaultSettings = {}): SecretStore {
    return openAzureKeyVault(
      {
        vault: this.vault.url,
        secret: SECRET,
        rotatorSecret: ROTATOR_SECRET,
        clientId: null,
      },
      { clock: systemClock, leases: this.#leases },
      {
        openCredential: () => this.vault.tokens.credential(),
        deadlineMs: 1_000,
        pauseMs: 1,
        client: {
          tlsOptions: { ca: this.vault.authority },
          // On loopback the vault's name cannot end in the name of the challenge's resource.
          disableChallengeResourceVerification: true,
        },
        ...settings,
      },
    );
  }

  async edit(field: SecretField, text: string | null): Promise<void> {
    const { secrets } = this.vault;
    if (field === "active") return void secrets.set(SECRET, { value: text ?? "" });
    const document = parseDocument(secrets.newest(ROTATOR_SECRET).value);
    if (!document) throw new Error("there is no document to edit");
    const fields = { ...document.fields, [field]: text };
    secrets.set(ROTATOR_SECRET, { value: JSON.stringify({ ...document, fields }) });
  }

  /** The other secrets, and what people keep beside the values of ours. */
  async beside(): Promise<Readonly<Record<string, string>>> {
    for (const name of [SECRET, ROTATOR_SECRET]) {
      const { "paddle-old-version": _, ...tags } = this.vault.secrets.newest(name).tags ?? {};
      if (JSON.stringify(tags) !== JSON.stringify(TAGS)) throw new Error(`the tags of ${name} have changed`);
    }
    return Object.fromEntries(
      this.#beside.map((name) => [name, this.vault.secrets.newest(azureName(name)).value]),
    );
  }

  async everything(): Promise<string> {
    return JSON.stringify(this.vault.secrets.all);
  }

  readonly breakages = {
    "the secret is deleted": async () => this.vault.secrets.delete(SECRET),
    "the rotator's secret is deleted": async () => this.vault.secrets.delete(ROTATOR_SECRET),
    "the newest version is disabled": async () => {
      const { id } = this.vault.secrets.newest(SECRET);
      this.vault.secrets.update(SECRET, id, { attributes: { enabled: false } });
    },
    "the network is closed": async () => this.vault.fail(1_000, { refusal: FIREWALL }),
    "the vault is out of order": async () =>
      this.vault.fail(1_000, { refusal: new Refused(500, "InternalServerError", "An error occurred.") }),
  };

  readonly wire: Wire = {
    hang: () => {
      this.vault.silent = true;
    },
    throttle: (requests) => this.vault.fail(requests, { refusal: THROTTLED }),
    recover: () => {
      this.vault.silent = false;
      this.vault.fail(0, { refusal: THROTTLED });
    },
    expireCredentials: () => this.vault.tokens.revokeAll(),
    deny: {
      [ACTIONS.get]: () => this.vault.deny("get"),
      [ACTIONS.set]: () => this.vault.deny("set"),
    },
    denyAfterwards: {
      [ACTIONS.update]: () => this.vault.deny("update"),
      [ACTIONS.list]: () => this.vault.deny("list"),
    },
    loseNextAnswer: () => this.vault.loseNextAnswer(),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vault[Symbol.asyncDispose]();
  }
}

function azureName(name: string): string {
  return name.replaceAll("_", "-");
}
