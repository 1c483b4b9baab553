/**
 * A managed external secret at the fake AWS under the engine: the real store and the vendor's client on this side,
 * and behind AWS the simulated Paddle, where AWS rotates the key as it does for customers.
 */
import { randomUUID } from "node:crypto";
import { systemClock } from "../../../src/clock.ts";
import type { SecretStore } from "../../../src/core/ports.ts";
import type { Slots } from "../../../src/core/slots.ts";
import { AwsSecretsManagerStore } from "../../../src/stores/aws-secrets-manager/store.ts";
import { playRotation } from "../stores/aws-operations.ts";
import { FakeAws, REGION } from "../stores/aws-secrets-manager-fake.ts";
import type { FakeSecret } from "../stores/aws-secret.ts";
import { authenticate } from "../paddle-simulator/account/authenticate.ts";
import { startRotation } from "../paddle-simulator/account/rotate.ts";
import { MirroredStore } from "./mirrored-store.ts";
import type { World, WorldOptions } from "./world.ts";

const PATIENCE = { requestMs: 1_000, operationMs: 2_000, pauseMs: 1 };
const FIELDS = { active: "A", old: "O", pending: "P", standby: "S" };

export class ManagedPlace implements AsyncDisposable {
  readonly aws: FakeAws;
  readonly secret: FakeSecret;
  #world: World | null = null;

  private constructor(aws: FakeAws) {
    this.aws = aws;
    this.secret = aws.create("prod/paddle");
    this.secret.type = "PaddleApiKey";
  }

  static async open(): Promise<ManagedPlace> {
    let place: ManagedPlace | null = null;
    const aws = await FakeAws.open(() => place?.now() ?? 0);
    place = new ManagedPlace(aws);
    return place;
  }

  /** A world has its own clock and Paddle, which AWS shares from `join` on. */
  readonly options: Pick<WorldOptions, "store"> = {
    store: (slots) => new MirroredStore(this.#filledAsByPerson(), slots),
  };

  join(world: World): void {
    this.#world = world;
    this.aws.hooks = {
      onRotate: async (current, graceSeconds) => {
        const key = authenticate(world.account, current);
        if (!key?.rotatable) throw new Error("Paddle does not rotate it");
        return startRotation(world.account, key, { graceSeconds, newKeyExpiresAt: undefined }).newSecret;
      },
      validate: async (next) => {
        if (!authenticate(world.account, next)) throw new Error("Paddle refuses it");
      },
    };
  }

  now(): number {
    return this.#world?.clock.now() ?? Date.UTC(2026, 10, 21);
  }

  /** A person puts a secret there, in the console or by the command of an alert. */
  put(secret: string): void {
    this.secret.put(randomUUID(), JSON.stringify({ api_key: secret }));
  }

  /** AWS rotates by its own schedule, with the grace of the metadata. */
  async rotatesByItself(graceSeconds: number): Promise<void> {
    this.secret.metadata = [{ Key: "gracePeriodSeconds", Value: String(graceSeconds) }];
    this.secret.add(randomUUID(), null, ["AWSPENDING"]);
    await this.goesOn();
  }

  /** AWS goes on with the rotation that it has begun, up to the step where it is told to hang. */
  async goesOn(): Promise<void> {
    const { hooks, hangsAt } = this.aws;
    const pending = this.secret.holder("AWSPENDING");
    const grace = this.secret.metadata.find(({ Key }) => Key === "gracePeriodSeconds");
    if (!pending) throw new Error("AWS has begun no rotation");
    await playRotation(this.secret, pending.id, Number(grace?.Value), { hooks, hangsAt, field: "api_key" });
  }

  /** A person runs a command about labels, as an alert gives it. */
  run(text: string): void {
    const [, label = "", options = ""] =
      / update-secret-version-stage --secret-id prod\/paddle --region eu-west-1 --version-stage (\w+)([^.]*)/.exec(
        text,
      ) ?? [];
    const option = (name: string) => new RegExp(`--${name} ([\\w-]+)`).exec(options)?.[1];
    this.secret.relabel(label, option("remove-from-version-id"), option("move-to-version-id"));
  }

  /** What was written to AWS by this process. */
  get writes(): readonly string[] {
    const writes = ["PutSecretValue", "UpdateSecretVersionStage"];
    return this.aws.calls.map(({ operation }) => operation).filter((operation) => writes.includes(operation));
  }

  /** How often AWS was asked to rotate, and with which grace. */
  get graces(): readonly string[] {
    return this.aws.calls
      .filter(({ operation }) => operation === "RotateSecret")
      .map(({ input }) => JSON.stringify(input["ExternalSecretRotationMetadata"]))
      .map((metadata) => /"gracePeriodSeconds","Value":"(\d+)"/.exec(metadata)?.[1] ?? "none");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.aws[Symbol.asyncDispose]();
  }

  #store(): AwsSecretsManagerStore {
    return new AwsSecretsManagerStore(
      {
        secret: "prod/paddle",
        region: REGION,
        endpoint: this.aws.url,
        role: null,
        shape: "auto",
        field: "api_key",
        fields: FIELDS,
      },
      {
        clock: { now: () => this.now(), sleep: (ms, signal) => systemClock.sleep(ms, signal) },
        patience: PATIENCE,
      },
    );
  }

  #filledAsByPerson(): SecretStore {
    const store = this.#store();
    return {
      location: store.location,
      guide: store.guide,
      platform: store.platform,
      read: () => store.read(),
      checkWritable: () => store.checkWritable(),
      write: async (slots: Slots, version) => {
        if (this.secret.versions.size > 0 || !slots.active) return store.write(slots, version);
        this.put(slots.active.secret.reveal());
        return "written";
      },
    };
  }
}
