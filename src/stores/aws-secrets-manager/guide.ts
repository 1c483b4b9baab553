/** What a person has to know about a secret and its store: who may do what, and what applications read. */
import type { AwsSecretsManagerOptions, Shape } from "./options.ts";

/** The least that this process must be allowed, as an IAM policy. */
export function policyFor(options: AwsSecretsManagerOptions): string[] {
  const { partition, region, resource } = namesOf(options);
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadAndRotateTheSecret",
        Effect: "Allow",
        Action: [
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue",
          "secretsmanager:UpdateSecretVersionStage",
        ],
        Resource: resource,
      },
      {
        Sid: "OnlyIfItHasAKmsKeyOfYourOwn",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: `arn:${partition}:kms:${region}:*:key/*`,
        Condition: { StringLike: { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` } },
      },
      {
        Sid: "OnlyIfAwsRotatesIt",
        Effect: "Allow",
        Action: ["secretsmanager:ListSecretVersionIds", "secretsmanager:RotateSecret"],
        Resource: resource,
      },
    ],
  };
  return JSON.stringify(policy, null, 2).split("\n");
}

export function applicationsRead(
  { secret, field, fields }: AwsSecretsManagerOptions,
  shape: Shape | null,
): string {
  const asFields = `${fields.active} in the secret ${secret}, and ${fields.old} if Paddle refuses it`;
  const asVersions = `version AWSCURRENT of the secret ${secret} (of JSON, the field ${field}), and AWSPREVIOUS if Paddle refuses it`;
  if (shape === "fields") return asFields;
  return shape === "versions" ? asVersions : `${asVersions}; or, where it has such fields, ${asFields}`;
}

const ARN = /^arn:([^:]+):secretsmanager:([^:]+):/;

function namesOf({ secret, region }: AwsSecretsManagerOptions) {
  const [, partition, inArn] = ARN.exec(secret) ?? [];
  if (partition !== undefined && inArn !== undefined) return { partition, region: inArn, resource: secret };
  const here = region ?? "*";
  const ours = here.startsWith("cn-") ? "aws-cn" : here.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  // AWS adds a hyphen and six characters to every name.
  return {
    partition: ours,
    region: here,
    resource: `arn:${ours}:secretsmanager:${here}:*:secret:${secret}-??????`,
  };
}
