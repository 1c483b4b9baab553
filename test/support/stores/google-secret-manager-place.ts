/** A place for the contract suite: two secrets of a Google Cloud project. */
import { systemClock } from "../../../src/clock.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import type { SecretField } from "../../../src/core/slot-fields.ts";
import {
  type GoogleSecretManagerOptions,
  type GoogleSecretManagerSettings,
  openGoogleSecretManager,
} from "../../../src/stores/google-secret-manager/store.ts";
import { parseDocument } from "../../../src/stores/two-secrets-document.ts";
import type { StorePlace, Wire } from "../../contract/secret-store.contract.ts";
import { memoryLeases } from "../memory-leases.ts";
import { FakeSecretManager } from "./google-secret-manager-fake.ts";
import { Refused } from "./google-secrets.ts";

export const NAMES = {
  project: "acme-billing",
  secret: "paddle-api-key",
  rotatorSecret: "paddle-api-key-rotator",
};
export const APPLICATION = "projects/acme-billing/secrets/paddle-api-key";
export const WORKBENCH = "projects/acme-billing/secrets/paddle-api-key-rotator";

export const THROTTLED = new Refused(
  429,
  "RESOURCE_EXHAUSTED",
  "Quota exceeded for quota metric 'Secret Manager access requests'",
  { reason: "RATE_LIMIT_EXCEEDED", domain: "googleapis.com" },
);

export class GoogleSecretManagerPlace implements StorePlace {
  readonly google: FakeSecretManager;
  readonly leases = memoryLeases(systemClock);

  private constructor(google: FakeSecretManager) {
    this.google = google;
  }

  static async open(beside: Readonly<Record<string, string>> = {}): Promise<GoogleSecretManagerPlace> {
    const google = await FakeSecretManager.open();
    google.secrets.create(APPLICATION, beside);
    google.secrets.create(WORKBENCH, beside);
    return new GoogleSecretManagerPlace(google);
  }

  store(
    options: Partial<GoogleSecretManagerOptions> = {},
    settings: GoogleSecretManagerSettings = {},
  ): SecretStore {
    const { url: endpoint, credentialsFile } = this.google;
    return openGoogleSecretManager(
      { ...NAMES, location: null, endpoint, credentialsFile, ...options },
      { clock: systemClock, leases: this.leases },
      { deadlineMs: 1_000, pauseMs: 2, ...settings },
    );
  }

  async edit(field: SecretField, text: string | null): Promise<void> {
    const { secrets } = this.google;
    if (field === "active") return void secrets.put(APPLICATION, `${text ?? ""}\n`);
    const document = parseDocument(Object.values(secrets.readable(WORKBENCH)).at(-1) ?? "");
    if (!document) throw new Error("there is no document to edit");
    const fields = { ...document.fields, [field]: text };
    secrets.put(WORKBENCH, JSON.stringify({ ...document, fields }));
  }

  async beside(): Promise<Readonly<Record<string, string>>> {
    const [one, other] = [APPLICATION, WORKBENCH].map((name) => this.google.secrets.find(name).annotations);
    if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error("the annotations have changed");
    return one ?? {};
  }

  async everything(): Promise<string> {
    return JSON.stringify([...this.google.secrets.all.values()], (_, value: unknown) => value);
  }

  readonly breakages = {
    "the secret is gone": async () => void this.google.secrets.all.delete(APPLICATION),
    "the rotator's secret is gone": async () => void this.google.secrets.all.delete(WORKBENCH),
    "the newest version is disabled": async () => this.#disableNewest(APPLICATION),
    "the newest version of the rotator's secret is disabled": async () => this.#disableNewest(WORKBENCH),
    "the rotator's secret holds something else": async () =>
      void this.google.secrets.put(WORKBENCH, "canary: a person's notes"),
    "the credentials are refused": async () => {
      this.google.expireTokens();
      this.google.refusesTokens = true;
    },
    "Secret Manager is out of order": async () =>
      this.google.fail(
        1_000,
        new Refused(503, "UNAVAILABLE", "canary: The service is currently unavailable."),
      ),
    "the API is not enabled": async () =>
      this.google.fail(
        1_000,
        new Refused(403, "PERMISSION_DENIED", "canary", {
          reason: "SERVICE_DISABLED",
          domain: "googleapis.com",
        }),
      ),
  };

  readonly wire: Wire = {
    hang: () => {
      this.google.silent = true;
    },
    throttle: (requests) => this.google.fail(requests, THROTTLED),
    recover: () => {
      this.google.silent = false;
      this.google.fail(0, THROTTLED);
    },
    expireCredentials: () => this.google.expireTokens(),
    deny: this.#denials(["secretmanager.versions.access", "secretmanager.versions.add"]),
    denyAfterwards: this.#denials([
      "secretmanager.versions.list",
      "secretmanager.versions.disable",
      "secretmanager.secrets.get",
      "secretmanager.secrets.update",
    ]),
    loseNextAnswer: () => this.google.loseAnswerOf(""),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.google[Symbol.asyncDispose]();
  }

  #denials(permissions: readonly string[]): Readonly<Record<string, () => void>> {
    return Object.fromEntries(
      permissions.map((permission) => [permission, () => this.google.deny(permission)]),
    );
  }

  #disableNewest(name: string): void {
    const version = this.google.secrets.find(name).versions.at(-1);
    if (version) version.state = "DISABLED";
  }
}
