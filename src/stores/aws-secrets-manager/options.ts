/** Which secret of AWS Secrets Manager a store keeps its slots in, and how it is reached. */
import type { AwsAccess } from "../../aws/client.ts";
import type { SecretField } from "../../core/slot-fields.ts";

/** How the secret's value is laid out; `auto`: as it is found. */
export type Shape = "versions" | "fields";

export type AwsSecretsManagerOptions = AwsAccess & {
  /** Name or ARN. */
  readonly secret: string;
  readonly shape: Shape | "auto";
  /** Of a JSON value in the shape `versions`: the field that holds the secret. */
  readonly field: string;
  /** In the shape `fields`. */
  readonly fields: Readonly<Record<SecretField, string>>;
};

/** The staging labels of a secret. A label is on one version at a time; a secret may have 20. */
export const LABELS = {
  /** AWS's own: what applications read. */
  current: "AWSCURRENT",
  /** AWS's own: it follows by itself when AWSCURRENT moves. Applications fall back to it. */
  previous: "AWSPREVIOUS",
  /** By AWS's convention: staged, not in use yet. */
  pending: "AWSPENDING",
  /** Ours: a prepared second key. */
  standby: "PADDLESTANDBY",
  /** Ours: the old secret, also after a person's edit has moved AWSPREVIOUS to something else. */
  old: "PADDLEOLD",
  /** Ours: the notes on the secrets. Whoever moves it writes. */
  notes: "PADDLENOTES",
  /** Ours: the version put last. AWS wants a label on every new version; this one says nothing. */
  draft: "PADDLE_KEY_ROTATOR",
} as const;

export type Label = (typeof LABELS)[keyof typeof LABELS];

/** The Type of a secret that AWS itself rotates at Paddle. */
export const MANAGED_TYPE = "PaddleApiKey";
