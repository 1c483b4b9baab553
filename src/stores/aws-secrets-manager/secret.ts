/**
 * One secret of AWS Secrets Manager for the length of one operation. A version's value never changes, a label is on
 * one version at a time, and a label moves only from where it was seen: that is the compare-and-set.
 */
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { AwsClient, Request } from "../../aws/client.ts";
import { type AwsFailure, toFailure } from "../../aws/failure.ts";
import { StoreError } from "../../core/errors.ts";
import { lostMove, notText, type Operation, toStoreError } from "./faults.ts";
import { type AwsSecretsManagerOptions, LABELS, type Label } from "./options.ts";

export type Described = {
  /** Of a managed external secret. */
  readonly type: string | null;
  /** The version that a label is on. */
  readonly labels: ReadonlyMap<string, string>;
  readonly rotationEnabled: boolean;
  readonly deleted: boolean;
  readonly primaryRegion: string | null;
  readonly lastChangedAt: number | null;
  /** When AWS's own rotation was done last. */
  readonly lastRotatedAt: number | null;
  readonly rotationMetadata: readonly { readonly key: string; readonly value: string }[];
};

const MOVE_TRIES = 3;

export class AwsSecret {
  readonly #client: AwsClient<SecretsManagerClient>;
  readonly #options: AwsSecretsManagerOptions;
  readonly #endsAt: number;
  readonly #madeAt = new Map<string, number>();
  /** From the last description; for messages. */
  #kmsKey: string | null = null;

  constructor(client: AwsClient<SecretsManagerClient>, options: AwsSecretsManagerOptions) {
    this.#client = client;
    this.#options = options;
    this.#endsAt = client.end();
  }

  async describe(): Promise<Described> {
    const found = await this.#ask("DescribeSecret", (client, options) =>
      client.send(new DescribeSecretCommand({ SecretId: this.#options.secret }), options),
    );
    this.#kmsKey = found.KmsKeyId ?? null;
    const labels = Object.entries(found.VersionIdsToStages ?? {}).flatMap(([versionId, names]) =>
      names.map((name) => [name, versionId] as const),
    );
    return {
      type: found.Type ?? null,
      labels: new Map(labels),
      rotationEnabled: found.RotationEnabled ?? false,
      deleted: found.DeletedDate !== undefined,
      primaryRegion: found.PrimaryRegion ?? null,
      lastChangedAt: found.LastChangedDate?.getTime() ?? null,
      lastRotatedAt: found.LastRotatedDate?.getTime() ?? null,
      rotationMetadata: (found.ExternalSecretRotationMetadata ?? []).map(({ Key = "", Value = "" }) => ({
        key: Key,
        value: Value,
      })),
    };
  }

  /** The region that is asked. */
  async region(): Promise<string> {
    return this.#client.region().catch((error: unknown) => {
      throw this.#toError("DescribeSecret", toFailure(error));
    });
  }

  /** The value of a version; null: it has none, as after a rotation that broke off. */
  async text(versionId: string): Promise<string | null> {
    const found = await this.#tried((client, options) =>
      client.send(
        new GetSecretValueCommand({ SecretId: this.#options.secret, VersionId: versionId }),
        options,
      ),
    );
    if ("failure" in found) {
      if (found.failure.code === "ResourceNotFoundException") return null;
      throw this.#toError("GetSecretValue", found.failure);
    }
    const { SecretString: text, CreatedDate: madeAt } = found.answer;
    if (madeAt) this.#madeAt.set(versionId, madeAt.getTime());
    if (text === undefined) throw notText(this.#options, versionId);
    return text;
  }

  /** Makes a version that nobody reads yet. The same again changes nothing. */
  async put(versionId: string, text: string): Promise<void> {
    await this.#ask("PutSecretValue", (client, options) =>
      client.send(
        new PutSecretValueCommand({
          SecretId: this.#options.secret,
          ClientRequestToken: versionId,
          SecretString: text,
          VersionStages: [LABELS.draft],
        }),
        options,
      ),
    );
  }

  /**
   * Moves a label from the version where it was seen to another one; null: from or to nowhere. `taken`: it was no
   * longer where it had been seen, and has not been moved. Throws StoreError; only one of effect `unknown` may have
   * moved it.
   */
  async move(label: Label, from: string | null, to: string | null): Promise<"moved" | "taken"> {
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#relabel(label, from, to);
      if (failure === null) return "moved";
      if (
        failure.denied ||
        failure.credentialsRefused ||
        failure.throttled ||
        !(failure.mayBeDone || failure.status)
      )
        throw this.#toError("UpdateSecretVersionStage", failure);
      // Refused by the guard, or done without an answer: the labels tell.
      const now = await this.#holder(label, failure);
      if (now === to) return "moved";
      if (now !== from) return "taken";
      if (!failure.mayBeDone) throw this.#toError("UpdateSecretVersionStage", failure);
      if (attempt >= MOVE_TRIES) throw lostMove(this.#options, label, failure);
    }
  }

  /** Asks for a removal that cannot match: it changes nothing, and is refused in another way without permission. */
  async probeMove(nowhere: string): Promise<void> {
    const failure = await this.#relabel(LABELS.draft, nowhere, null);
    if (failure === null || (failure.status === 400 && !failure.denied && !failure.throttled)) return;
    throw this.#toError("UpdateSecretVersionStage", failure);
  }

  /** When a version was made, epoch milliseconds; null: AWS does not list it. */
  async madeAt(versionId: string): Promise<number | null> {
    const known = this.#madeAt.get(versionId);
    if (known !== undefined) return known;
    return (await this.versions()).get(versionId) ?? null;
  }

  /** The versions that have labels, and when each was made. */
  async versions(): Promise<ReadonlyMap<string, number>> {
    const { Versions: versions = [] } = await this.#ask("ListSecretVersionIds", (client, options) =>
      // At most 20: one page.
      client.send(
        new ListSecretVersionIdsCommand({ SecretId: this.#options.secret, MaxResults: 100 }),
        options,
      ),
    );
    return new Map(
      versions.flatMap(({ VersionId, CreatedDate }) =>
        VersionId && CreatedDate ? [[VersionId, CreatedDate.getTime()] as const] : [],
      ),
    );
  }

  /** Lets AWS rotate the secret. null: it does; or why it does not. */
  async rotate(order: Omit<RotateSecretCommandInput, "SecretId">): Promise<AwsFailure | null> {
    const answered = await this.#tried((client, options) =>
      client.send(new RotateSecretCommand({ SecretId: this.#options.secret, ...order }), options),
    );
    return "failure" in answered ? answered.failure : null;
  }

  /** The error for something that was certainly not done. */
  toError(operation: Operation, failure: AwsFailure): StoreError {
    return this.#toError(operation, failure);
  }

  async #relabel(label: Label, from: string | null, to: string | null): Promise<AwsFailure | null> {
    const moved = await this.#tried(
      (client, options) =>
        client.send(
          new UpdateSecretVersionStageCommand({
            SecretId: this.#options.secret,
            VersionStage: label,
            ...(from !== null && { RemoveFromVersionId: from }),
            ...(to !== null && { MoveToVersionId: to }),
          }),
          options,
        ),
      "unless-done",
    );
    return "failure" in moved ? moved.failure : null;
  }

  async #holder(label: Label, failure: AwsFailure): Promise<string | null> {
    try {
      return (await this.describe()).labels.get(label) ?? null;
    } catch (error) {
      if (error instanceof StoreError) throw lostMove(this.#options, label, failure);
      throw error;
    }
  }

  async #ask<Output>(operation: Operation, send: Request<SecretsManagerClient, Output>): Promise<Output> {
    const result = await this.#tried(send);
    if ("failure" in result) throw this.#toError(operation, result.failure);
    return result.answer;
  }

  async #tried<Output>(
    send: Request<SecretsManagerClient, Output>,
    repeat: "always" | "unless-done" = "always",
  ): Promise<{ readonly answer: Output } | { readonly failure: AwsFailure }> {
    try {
      return { answer: await this.#client.send(send, { endsAt: this.#endsAt, repeat }) };
    } catch (error) {
      return { failure: toFailure(error) };
    }
  }

  #toError(operation: Operation, failure: AwsFailure): StoreError {
    return toStoreError(this.#options, failure, { operation, kmsKey: this.#kmsKey });
  }
}
