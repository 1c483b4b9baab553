/** The section `store` of type aws-secrets-manager: which secret holds a key's slots, and how it is reached. */
import { z } from "zod";
import { awsAccess, type AwsAccessConfig, readAwsAccess } from "../aws-access.ts";
import { oneOf, text } from "../fields.ts";
import { section } from "../section.ts";
import { type FieldNames, fieldNames, type StorePlace } from "./place.ts";

export type AwsSecretsManagerConfig = AwsAccessConfig & {
  readonly type: "aws-secrets-manager";
  /** Name or ARN. */
  readonly secret: string;
  readonly shape: "auto" | "versions" | "fields";
  readonly field: string;
  readonly fields: FieldNames;
  readonly place: StorePlace;
};

const NAME = /^[\w/+=.@-]{1,512}$/;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:([a-z\d-]+):\d{12}:secret:([\w/+=.@-]{1,519})$/;

export function awsSecretsManager() {
  return section({
    type: z.literal("aws-secrets-manager"),
    secret: text("the name or the ARN of a secret", (name) => NAME.test(name) || SECRET_ARN.test(name)),
    ...awsAccess,
    shape: oneOf(["auto", "versions", "fields"]).prefault("auto"),
    field: text("the name of a field", (name) => name !== "").prefault("api_key"),
    fields: fieldNames,
  })
    .superRefine(({ secret, region }, context) => {
      const inArn = SECRET_ARN.exec(secret)?.[1];
      if (inArn !== undefined && region !== undefined && region !== inArn)
        context.addIssue({
          code: "custom",
          path: ["region"],
          message: `must be ${inArn}, as the ARN has it, or left out`,
        });
    })
    .transform((given): AwsSecretsManagerConfig => {
      const [, inArn, name = given.secret] = SECRET_ARN.exec(given.secret) ?? [];
      const access = readAwsAccess({ ...given, region: given.region ?? inArn });
      // An ARN ends in a hyphen and six characters that are not part of the name.
      const bare = inArn === undefined ? name : name.replace(/-[a-zA-Z\d]{6}$/, "");
      const container = `aws-secrets-manager ${JSON.stringify([access.endpoint, access.region, bare])}`;
      return {
        ...given,
        ...access,
        place: { container, noun: "secret", ...takenBy(given) },
      };
    });
}

/** Only fields can be shared out among keys: labels belong to the whole secret. */
function takenBy({ shape, fields }: Pick<AwsSecretsManagerConfig, "shape" | "fields">) {
  return shape === "fields"
    ? { namesIn: "fields", names: { ...fields, notes: `${fields.active}_NOTES` } }
    : { namesIn: null, names: { secret: "" } };
}
