/** The section `store` of type aws-secrets-manager: which secret holds a key's slots, and how it is reached. */
import { z } from "zod";
import { oneOf, text } from "../fields.ts";
import { isLoopback } from "../loopback.ts";
import { section } from "../section.ts";
import { type FieldNames, fieldNames, type StorePlace } from "./place.ts";

export type AwsSecretsManagerConfig = {
  readonly type: "aws-secrets-manager";
  /** Name or ARN. */
  readonly secret: string;
  /** null: as the SDK finds it. */
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly role: { readonly arn: string; readonly externalId: string | null } | null;
  readonly shape: "auto" | "versions" | "fields";
  readonly field: string;
  readonly fields: FieldNames;
  readonly place: StorePlace;
};

const NAME = /^[\w/+=.@-]{1,512}$/;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:([a-z\d-]+):\d{12}:secret:([\w/+=.@-]{1,519})$/;
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;

const endpoint = text(
  "an https:// address (http:// only on this machine) without user, password, path and ?",
  (address) => {
    const url = URL.parse(address);
    if (!url || url.username || url.password || url.search || url.hash || url.pathname !== "/") return false;
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  },
);

export function awsSecretsManager() {
  return section({
    type: z.literal("aws-secrets-manager"),
    secret: text("the name or the ARN of a secret", (name) => NAME.test(name) || SECRET_ARN.test(name)),
    region: text("a region, e.g. eu-west-1", (name) => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(name)).optional(),
    endpoint: endpoint.optional(),
    role: section({
      arn: text("the ARN of a role", (arn) => ROLE_ARN.test(arn)),
      externalId: text("an external id: 2 to 1224 characters of letters, digits and _+=,.@:/-", (id) => {
        return /^[\w+=,.@:/-]{2,1224}$/.test(id);
      }).optional(),
    }).optional(),
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
      const region = given.region ?? inArn ?? null;
      // An ARN ends in a hyphen and six characters that are not part of the name.
      const bare = inArn === undefined ? name : name.replace(/-[a-zA-Z\d]{6}$/, "");
      const container = `aws-secrets-manager ${JSON.stringify([given.endpoint ?? null, region, bare])}`;
      const { role } = given;
      return {
        ...given,
        region,
        endpoint: given.endpoint ?? null,
        role: role === undefined ? null : { arn: role.arn, externalId: role.externalId ?? null },
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
