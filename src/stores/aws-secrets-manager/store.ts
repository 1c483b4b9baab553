/** Keeps the slots of a managed key in one secret of AWS Secrets Manager, in the shape that it has or is given. */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AwsClient, type ClientNeeds, PATIENCE } from "../../aws/client.ts";
import type { Clock, PlatformRotation, SecretStore, StoreGuide, Version } from "../../core/ports.ts";
import type { Slots } from "../../core/slots.ts";
import { refusal } from "../faults.ts";
import { FieldsStore } from "../fields-store.ts";
import { exchanged } from "../../core/exchanged-slots.ts";
import { deleted, placeOf } from "./faults.ts";
import { SecretFieldsDocument } from "./fields-document.ts";
import { applicationsRead, policyFor } from "./guide.ts";
import { ManagedRotation } from "./managed-rotation.ts";
import { type AwsSecretsManagerOptions, LABELS, MANAGED_TYPE, type Shape } from "./options.ts";
import { AwsSecret } from "./secret.ts";
import { shapeOf } from "./value.ts";
import { VersionsStore } from "./versions-store.ts";
import { checkWritable } from "./writable.ts";

export class AwsSecretsManagerStore implements SecretStore {
  readonly location: string;
  readonly platform: PlatformRotation;
  readonly #options: AwsSecretsManagerOptions;
  readonly #client: AwsClient<SecretsManagerClient>;
  readonly #versions: VersionsStore;
  /** Between the slots of the port and those of the shape `versions`, in either direction. */
  readonly #inVersions: (slots: Slots) => Slots;
  /** As it was found last. */
  #shape: Shape | null = null;

  constructor(
    options: AwsSecretsManagerOptions,
    {
      holds,
      ...needs
    }: { readonly clock: Clock; readonly holds?: "active" | "standby" } & Partial<ClientNeeds>,
  ) {
    this.location = placeOf(options);
    this.#options = options;
    this.#client = new AwsClient(options, (configuration) => new SecretsManagerClient(configuration), {
      patience: PATIENCE,
      random: Math.random,
      stsEndpoint: null,
      ...needs,
    });
    this.#versions = new VersionsStore(options);
    this.#inVersions = holds === "standby" ? exchanged : (slots) => slots;
    this.platform = new ManagedRotation(() => this.#open(), options, needs.clock);
  }

  get guide(): StoreGuide {
    const { shape } = this.#options;
    return {
      applicationsRead: applicationsRead(this.#options, shape === "auto" ? this.#shape : shape),
      needs: policyFor(this.#options),
    };
  }

  read(): Promise<{ slots: Slots; version: Version }> {
    return this.#read(this.#open());
  }

  async write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    const secret = this.#open();
    const shape = await this.#shapeOf(secret);
    return shape === "fields"
      ? this.#fields(secret).write(slots, expected)
      : this.#versions.write(secret, this.#inVersions(slots), expected);
  }

  async checkWritable(): Promise<readonly string[]> {
    const secret = this.#open();
    await this.#read(secret);
    return checkWritable(secret, this.#options);
  }

  async #read(secret: AwsSecret): Promise<{ slots: Slots; version: Version }> {
    const shape = await this.#shapeOf(secret);
    if (shape === "fields") return this.#fields(secret).read();
    const { slots, version } = await this.#versions.read(secret);
    return { slots: this.#inVersions(slots), version };
  }

  #open(): AwsSecret {
    return new AwsSecret(this.#client, this.#options);
  }

  #fields(secret: AwsSecret) {
    return new FieldsStore(
      new SecretFieldsDocument(secret, this.#options, { location: this.location, guide: this.guide }),
    );
  }

  /** Looked at anew each time: a person may have laid the value out anew. */
  async #shapeOf(secret: AwsSecret): Promise<Shape> {
    const described = await secret.describe();
    if (described.deleted) throw deleted(this.#options);
    // AWS lays out what it rotates itself.
    if (described.type === MANAGED_TYPE) return "versions";
    if (this.#options.shape !== "auto") return this.#options.shape;
    const current = described.labels.get(LABELS.current);
    const found = shapeOf(current === undefined ? null : await secret.text(current), this.#options);
    if (found === null)
      throw refusal(
        placeOf(this.#options),
        "holds neither a Paddle key nor a JSON object with a field for one",
        `set shape and, where they are not ${this.#options.field} or ${this.#options.fields.active}, field or fields`,
      );
    this.#shape = found;
    return found;
  }
}
