/** AWS's answers as errors that name the secret, what AWS said, and what to do. */
import { type AwsFailure, NO_REGION, ROLE_DENIED } from "../../aws/failure.ts";
import { roleDenied } from "../../aws/role.ts";
import type { StoreError } from "../../core/errors.ts";
import { refusal, setback, uncertainty } from "../faults.ts";
import { type AwsSecretsManagerOptions, MANAGED_TYPE } from "./options.ts";

/** What was asked, by the name that AWS has for it in policies too. */
export type Operation =
  | "DescribeSecret"
  | "GetSecretValue"
  | "PutSecretValue"
  | "UpdateSecretVersionStage"
  | "ListSecretVersionIds"
  | "RotateSecret";

export type Asked = {
  readonly operation: Operation;
  /** The customer's own KMS key that encrypts the secret; null: AWS's own, or not known yet. */
  readonly kmsKey: string | null;
};

// A version is encrypted with a new data key; comparing it with one that exists takes decryption.
const KMS_PERMISSIONS: Partial<Record<Operation, string>> = {
  GetSecretValue: "kms:Decrypt",
  PutSecretValue: "kms:GenerateDataKey and kms:Decrypt",
};

/** Of a call that was not done. */
export function toStoreError(
  options: AwsSecretsManagerOptions,
  failure: AwsFailure,
  asked: Asked,
): StoreError {
  const place = placeOf(options);
  const said = `(${asked.operation}: ${failure.words})`;
  if (failure.denied) return denied(place, said, asked);
  if (failure.credentialsRefused)
    return setback(
      place,
      `cannot be reached: AWS refuses the credentials of this process ${said}`,
      "give it new ones; they are read again at the next try",
    );
  switch (failure.code) {
    case "ResourceNotFoundException":
      return refusal(
        place,
        `does not exist ${said}`,
        `configure the right region and name, or make it: ${command(options, "create-secret", "--name")}`,
      );
    case "DecryptionFailure":
    case "EncryptionFailure":
      return refusal(
        place,
        `cannot be used, because its KMS key ${asked.kmsKey ?? ""} is not usable ${said}`,
        "enable that key, or give the secret another one: aws secretsmanager update-secret --kms-key-id",
      );
    case "LimitExceededException":
      return setback(
        place,
        `has reached a quota of AWS for its versions or its 20 labels ${said}`,
        "remove labels that nobody uses; AWS removes versions without labels after a day",
      );
    case "CredentialsProviderError":
      return setback(
        place,
        "cannot be reached: the SDK finds no AWS credentials",
        "give this process a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      );
    case NO_REGION:
      return refusal(place, "cannot be reached: no region is known", "set its region, or AWS_REGION");
    case ROLE_DENIED: {
      const { problem, remedy } = roleDenied(options.role);
      return refusal(place, `cannot be reached: ${problem} ${said}`, remedy);
    }
    case "InvalidSignatureException":
    case "SignatureDoesNotMatch":
    case "RequestExpired":
    case "RequestTimeTooSkewed":
      return setback(
        place,
        `cannot be reached: AWS does not accept the signature of this process ${said}`,
        "set this machine's clock, and check AWS_SECRET_ACCESS_KEY",
      );
    default:
      return other(place, said, failure);
  }
}

function other(place: string, said: string, failure: AwsFailure): StoreError {
  if (failure.throttled)
    return setback(place, `was asked for too often ${said}`, "nothing to do; it is tried again later");
  if (failure.passing || failure.mayBeDone || failure.status === null)
    return setback(place, `does not answer ${said}`, "see AWS's status page and the way there");
  return refusal(place, `was refused ${said}`, "look the code up in the reference of that operation");
}

function denied(place: string, said: string, { operation, kmsKey }: Asked): StoreError {
  const kms = KMS_PERMISSIONS[operation];
  const or = kmsKey !== null && kms !== undefined ? `, and ${kms} on the KMS key ${kmsKey}` : "";
  return refusal(place, `is closed to this process ${said}`, `allow it secretsmanager:${operation}${or}`);
}

/** Of a label that may or may not have been moved. */
export function lostMove(options: AwsSecretsManagerOptions, label: string, failure: AwsFailure): StoreError {
  return uncertainty(
    placeOf(options),
    `may or may not have been written: moving ${label} got no answer (${failure.words})`,
    "nothing to do; it is read again before anything is done with it",
  );
}

/** The moves that came before stand. */
export function overtaken(options: AwsSecretsManagerOptions, label: string): StoreError {
  return uncertainty(
    placeOf(options),
    `was changed by somebody else (${label}) while it was being written`,
    "nothing to do; it is read again before anything is done with it",
  );
}

export function notText(options: AwsSecretsManagerOptions, versionId: string): StoreError {
  return refusal(
    placeOf(options),
    `holds binary data (version ${versionId})`,
    "keep the key in a text: put-secret-value --secret-string",
  );
}

export function deleted(options: AwsSecretsManagerOptions): StoreError {
  return refusal(
    placeOf(options),
    "is scheduled for deletion",
    `restore it: ${command(options, "restore-secret", "--secret-id")}`,
  );
}

export function replica(options: AwsSecretsManagerOptions, primaryRegion: string): StoreError {
  return refusal(
    placeOf(options),
    "is a replica, which nobody can write",
    `configure region: ${primaryRegion}`,
  );
}

/** Somebody else rotates the secret; two rotators undo each other. */
export function rotatedByAws(options: AwsSecretsManagerOptions, type: string | null): StoreError {
  if (type === MANAGED_TYPE)
    return refusal(
      placeOf(options),
      "is not written by this process, because AWS rotates this secret itself (a managed external secret)",
      "rotate it with RotateSecret",
    );
  if (type !== null)
    return refusal(
      placeOf(options),
      `is a managed external secret of another partner (Type ${type})`,
      "keep Paddle's key in a secret of its own",
    );
  return refusal(
    placeOf(options),
    "is rotated by AWS too (RotationEnabled), and two rotators undo each other",
    `keep Paddle's key in a secret of its own, or end that: ${command(options, "cancel-rotate-secret", "--secret-id")}`,
  );
}

export function placeOf({ secret, region }: AwsSecretsManagerOptions): string {
  return `AWS secret ${secret}${region === null ? "" : ` in ${region}`}`;
}

/** A command of the AWS CLI about this secret, ready to be pasted. */
export function command(options: AwsSecretsManagerOptions, name: string, flag: string): string {
  const region = options.region === null ? "" : ` --region ${options.region}`;
  return `aws secretsmanager ${name} ${flag} ${options.secret}${region}`;
}
