/** The operations of AWS Secrets Manager that the rotator uses, as the fake does them: input and output as on the wire. */
import { z } from "zod";
import { type FakeSecret, invalid, Refused } from "./aws-secret.ts";

/** How AWS's own rotation of managed external secrets acts on the world. */
export type RotationHooks = {
  /** Rotates at Paddle, and gives the new secret. */
  onRotate(current: string, graceSeconds: number): Promise<string>;
  /** Uses the new secret once; it throws where Paddle refuses it. */
  validate(next: string): Promise<void>;
};

export type RotationStep = "create" | "set" | "test" | "finish";

const optional = z.string().optional();
const Input = z.strictObject({
  SecretId: z.string(),
  VersionId: optional,
  VersionStage: optional,
  ClientRequestToken: optional,
  SecretString: optional,
  VersionStages: z.array(z.string()).optional(),
  RemoveFromVersionId: optional,
  MoveToVersionId: optional,
  MaxResults: z.number().int().min(1).max(100).optional(),
  RotateImmediately: z.boolean().optional(),
  ExternalSecretRotationMetadata: z
    .array(z.strictObject({ Key: z.string().min(1).max(256), Value: z.string().min(1).max(2048) }))
    .optional(),
});
export type Input = z.output<typeof Input>;

export type Context = {
  readonly secret: FakeSecret;
  readonly input: Input;
  /** Throws Refused where the permission is missing. */
  readonly demand: (permission: string) => void;
  /** Begins AWS's own rotation of a version that has no value yet. */
  readonly rotate: (secret: FakeSecret, versionId: string, graceSeconds: number) => void;
};

const seconds = (ms: number) => ms / 1000;

export const OPERATIONS: Readonly<Record<string, (context: Context) => object>> = {
  DescribeSecret: ({ secret }) => ({
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.type !== null && { Type: secret.type }),
    ...(secret.kmsKeyId !== null && { KmsKeyId: secret.kmsKeyId }),
    ...(secret.rotationEnabled && { RotationEnabled: true }),
    ...(secret.deleted && { DeletedDate: seconds(secret.lastChangedAt) }),
    ...(secret.primaryRegion !== null && { PrimaryRegion: secret.primaryRegion }),
    ...(secret.lastRotatedAt !== null && { LastRotatedDate: seconds(secret.lastRotatedAt) }),
    ...(secret.metadata.length > 0 && { ExternalSecretRotationMetadata: secret.metadata }),
    LastChangedDate: seconds(secret.lastChangedAt),
    VersionIdsToStages: Object.fromEntries(
      [...secret.versions.values()]
        .filter(({ labels }) => labels.size > 0)
        .map(({ id, labels }) => [id, [...labels]]),
    ),
  }),

  GetSecretValue: ({ secret, input, demand }) => {
    const { id, text, binary, labels, createdAt } = secret.find(input.VersionId, input.VersionStage);
    if (secret.kmsKeyId !== null) demand("kms:Decrypt");
    const value = binary
      ? { SecretBinary: Buffer.from(text ?? "").toString("base64") }
      : { SecretString: text };
    return {
      ...named(secret),
      VersionId: id,
      ...value,
      VersionStages: [...labels],
      CreatedDate: seconds(createdAt),
    };
  },

  PutSecretValue: ({ secret, input, demand }) => {
    const { ClientRequestToken: id = "", SecretString: text = "", VersionStages: labels } = input;
    if (secret.kmsKeyId !== null) {
      if (secret.versions.has(id)) demand("kms:Decrypt");
      else demand("kms:GenerateDataKey");
    }
    refuseManaged(secret);
    refuseReplica(secret);
    const version = secret.put(id, text, labels);
    return { ...named(secret), VersionId: id, VersionStages: [...version.labels] };
  },

  UpdateSecretVersionStage: ({ secret, input }) => {
    refuseReplica(secret);
    secret.relabel(input.VersionStage ?? "", input.RemoveFromVersionId, input.MoveToVersionId);
    return named(secret);
  },

  ListSecretVersionIds: ({ secret }) => ({
    ...named(secret),
    Versions: [...secret.versions.values()]
      .filter(({ labels }) => labels.size > 0)
      .map(({ id, labels, createdAt }) => ({
        VersionId: id,
        VersionStages: [...labels],
        CreatedDate: seconds(createdAt),
      })),
  }),

  RotateSecret: ({ secret, input, rotate }) => {
    const { ClientRequestToken: id = "", ExternalSecretRotationMetadata: metadata } = input;
    if (id.length < 32 || id.length > 64) throw invalid("ClientRequestToken must be 32-64 characters long.");
    secret.refuseIfDeleted();
    if (secret.type === null)
      throw new Refused("InvalidRequestException", "No Lambda rotation function ARN.");
    const pending = secret.holder("AWSPENDING");
    if (pending && !pending.labels.has("AWSCURRENT"))
      throw new Refused(
        "InvalidRequestException",
        "A previous rotation isn't complete. That rotation will be reattempted.",
      );
    if (secret.versions.has(id)) throw new Refused("ResourceExistsException", "The token is in use.");
    if (metadata) secret.metadata = metadata;
    const grace = secret.metadata.find(({ Key }) => Key === "gracePeriodSeconds")?.Value ?? "300";
    if (!/^\d+$/.test(grace) || Number(grace) > 86_400) throw invalid("gracePeriodSeconds: 0-86400.");
    secret.add(id, null, ["AWSPENDING"]);
    rotate(secret, id, Number(grace));
    return { ...named(secret), VersionId: id };
  },
};

export function parseInput(body: string): Input {
  const parsed = Input.safeParse(JSON.parse(body));
  if (parsed.success) return parsed.data;
  throw new Refused("ValidationException", z.prettifyError(parsed.error));
}

/** AWS's own rotation, step by step, up to the step where it is told to hang. */
export async function playRotation(
  secret: FakeSecret,
  versionId: string,
  graceSeconds: number,
  { hooks, hangsAt, field }: { hooks: RotationHooks; hangsAt: RotationStep | null; field: string },
): Promise<void> {
  if (hangsAt === "create") return;
  const current = secret.find(undefined, "AWSCURRENT");
  const fields: Record<string, string> = JSON.parse(current.text ?? "{}");
  const next = await hooks.onRotate(fields[field] ?? "", graceSeconds);
  if (hangsAt === "set") return;
  secret.put(versionId, JSON.stringify({ ...fields, [field]: next }));
  if (hangsAt === "test") return;
  await hooks.validate(next);
  if (hangsAt === "finish") return;
  secret.relabel("AWSCURRENT", current.id, versionId);
  secret.relabel("AWSPENDING", versionId, undefined);
  secret.lastRotatedAt = secret.lastChangedAt;
}

function named({ arn, name }: FakeSecret) {
  return { ARN: arn, Name: name };
}

/** Which secrets nobody but their partner may write is AWS's secret; the rotator must not try. */
function refuseManaged({ type }: FakeSecret): void {
  if (type !== null) throw new Refused("InvalidRequestException", "The secret is managed by a partner.");
}

function refuseReplica({ primaryRegion }: FakeSecret): void {
  if (primaryRegion !== null)
    throw new Refused("InvalidRequestException", "You can't modify a replica secret.");
}
