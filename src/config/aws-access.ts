/** How a service of AWS is reached, and as whom: the fields that every section about AWS has. */
import type { z } from "zod";
import { text } from "./fields.ts";
import { isLoopback } from "./loopback.ts";
import { section } from "./section.ts";

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;

export type AwsAccessConfig = {
  /** null: as the SDK finds it. */
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly role: { readonly arn: string; readonly externalId: string | null } | null;
};

export const awsAccess = {
  region: text("a region, e.g. eu-west-1", (name) => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(name)).optional(),
  endpoint: text(
    "an https:// address (http:// only on this machine) without user, password, path and ?",
    (address) => {
      const url = URL.parse(address);
      if (!url || url.username || url.password || url.search || url.hash || url.pathname !== "/")
        return false;
      return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
    },
  ).optional(),
  role: section({
    arn: text("the ARN of a role", (arn) => ROLE_ARN.test(arn)),
    externalId: text("an external id: 2 to 1224 characters of letters, digits and _+=,.@:/-", (id) => {
      return /^[\w+=,.@:/-]{2,1224}$/.test(id);
    }).optional(),
  }).optional(),
};

type Given = { readonly [Name in keyof typeof awsAccess]?: z.output<(typeof awsAccess)[Name]> };

/** The fields as the rest of the program knows them. */
export function readAwsAccess({ region, endpoint, role }: Given): AwsAccessConfig {
  return {
    region: region ?? null,
    endpoint: endpoint ?? null,
    role: role === undefined ? null : { arn: role.arn, externalId: role.externalId ?? null },
  };
}
