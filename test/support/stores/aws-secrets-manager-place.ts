/** A secret of the fake AWS as a place for the slots of one key, in each of the shapes that it may have. */
import { randomUUID } from "node:crypto";
import { systemClock } from "../../../src/clock.ts";
import type { SecretField } from "../../../src/core/slot-fields.ts";
import type { AwsSecretsManagerOptions } from "../../../src/stores/aws-secrets-manager/options.ts";
import { AwsSecretsManagerStore } from "../../../src/stores/aws-secrets-manager/store.ts";
import type { StorePlace, Wire } from "../../contract/secret-store.contract.ts";
import type { FakeSecret } from "./aws-secret.ts";
import { FakeAws, REGION, ROLE } from "./aws-secrets-manager-fake.ts";

export type Layout = "json versions" | "plain versions" | "fields" | "no value";

const FIELDS = {
  active: "ACTIVE_PADDLE_KEY",
  old: "OLD_PADDLE_KEY",
  pending: "PENDING_PADDLE_KEY",
  standby: "STANDBY_PADDLE_KEY",
};
const LABEL_OF = {
  active: "AWSCURRENT",
  old: "AWSPREVIOUS",
  pending: "AWSPENDING",
  standby: "PADDLESTANDBY",
};
const PATIENCE = { requestMs: 1_000, operationMs: 1_500, pauseMs: 2 };

export class AwsPlace implements StorePlace {
  readonly aws: FakeAws;
  readonly secret: FakeSecret;
  readonly #layout: Layout;

  private constructor(aws: FakeAws, layout: Layout) {
    this.aws = aws;
    this.secret = aws.create("prod/paddle");
    this.secret.kmsKeyId = `arn:aws:kms:${REGION}:111122223333:key/1234abcd`;
    this.#layout = layout;
  }

  static async open(beside: Readonly<Record<string, string>>, layout: Layout): Promise<AwsPlace> {
    const place = new AwsPlace(await FakeAws.open(), layout);
    if (layout === "no value") return place;
    if (layout !== "plain versions") place.put(JSON.stringify(beside));
    else {
      place.put(" ");
      // What else there may be: versions with labels of other people.
      for (const [name, text] of Object.entries(beside)) place.put(text, [name]);
    }
    return place;
  }

  store(
    options: Partial<AwsSecretsManagerOptions> = {},
    patience: Partial<typeof PATIENCE> = {},
    holds: "active" | "standby" = "active",
  ) {
    const { url } = this.aws;
    const needs = { clock: systemClock, holds, random: () => 0.5, stsEndpoint: url };
    return new AwsSecretsManagerStore(
      {
        secret: "prod/paddle",
        region: REGION,
        endpoint: url,
        role: { arn: ROLE, externalId: null },
        shape: this.#layout === "fields" ? "fields" : "versions",
        field: "api_key",
        fields: FIELDS,
        ...options,
      },
      { ...needs, patience: { ...PATIENCE, ...patience } },
    );
  }

  put(text: string, labels = ["AWSCURRENT"]): string {
    return this.secret.put(randomUUID(), text, labels).id;
  }

  /** As with the CLI: an edit of the current value leaves AWSPREVIOUS where it was, as a careful person would. */
  async edit(slot: SecretField, text: string | null): Promise<void> {
    const current = this.secret.holder("AWSCURRENT")?.text ?? "{}";
    if (this.#layout === "fields") {
      this.put(JSON.stringify({ ...JSON.parse(current), [FIELDS[slot]]: text ?? "" }));
      return;
    }
    const label = LABEL_OF[slot];
    const previous = this.secret.holder("AWSPREVIOUS");
    if (text === null && slot !== "active") {
      this.secret.holder(label)?.labels.delete(label);
      return;
    }
    const json = this.#layout === "json versions";
    this.put(json ? JSON.stringify({ ...JSON.parse(current), api_key: text ?? "" }) : (text ?? " "), [label]);
    if (slot !== "active") return;
    this.secret.holder("AWSPREVIOUS")?.labels.delete("AWSPREVIOUS");
    previous?.labels.add("AWSPREVIOUS");
  }

  async beside(): Promise<Readonly<Record<string, string>>> {
    if (this.#layout === "plain versions") {
      const labelled = [...this.secret.versions.values()].flatMap(({ labels, text }) =>
        [...labels]
          .filter((label) => !/^(AWS|PADDLE)/.test(label))
          .map((label) => [label, text ?? ""] as const),
      );
      return Object.fromEntries(labelled);
    }
    const fields: Record<string, string> = JSON.parse(this.secret.holder("AWSCURRENT")?.text ?? "{}");
    const ours = ["api_key", "ACTIVE_PADDLE_KEY_NOTES", ...Object.values(FIELDS)];
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !ours.includes(name)));
  }

  async everything(): Promise<string> {
    const versions = [...this.secret.versions.values()];
    return JSON.stringify(versions.map((version) => ({ ...version, labels: [...version.labels] })));
  }

  readonly breakages = {
    gone: async () => this.aws.secrets.clear(),
    "scheduled for deletion": async () => void (this.secret.deleted = true),
    "without permission": async () => void this.aws.denied.add("secretsmanager:DescribeSecret"),
    "of bytes": async () => {
      this.secret.put(randomUUID(), "canary", ["AWSCURRENT"], true);
    },
    "of another kind": async () => {
      const value = { api_key: { text: "canary" }, ACTIVE_PADDLE_KEY: ["canary"] };
      this.put(JSON.stringify(value));
    },
    "without credentials": async () => {
      this.aws.denied.add("sts:AssumeRole");
      this.aws.credentials.expireSessions();
    },
  };

  readonly wire: Wire = {
    hang: () => void (this.aws.silent = true),
    throttle: (requests) => void (this.aws.throttles = requests),
    recover: () => {
      this.aws.silent = false;
      this.aws.throttles = 0;
    },
    expireCredentials: () => this.aws.credentials.expireSessions(),
    deny: Object.fromEntries(
      [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "kms:Decrypt",
      ].map((permission) => [permission, () => void this.aws.denied.add(permission)]),
    ),
    loseNextAnswer: () => void (this.aws.losesNextWrite = true),
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.aws[Symbol.asyncDispose]();
  }
}
