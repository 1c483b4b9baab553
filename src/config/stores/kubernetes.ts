/** The section `store` of type kubernetes: which Secret of which cluster, and which of its data keys, hold secrets. */
import { z } from "zod";
import { text } from "../fields.ts";
import {
  kubernetesAccess,
  type KubernetesAccessConfig,
  namespace,
  readKubernetesAccess,
} from "../kubernetes-access.ts";
import { section } from "../section.ts";
import { type FieldNames, fieldNames, type StorePlace } from "./place.ts";

export type KubernetesConfig = KubernetesAccessConfig & {
  readonly type: "kubernetes";
  readonly secret: string;
  readonly fields: FieldNames;
  readonly place: StorePlace;
};

const secretName = text(
  "the name of a Secret: 1 to 253 of a-z, 0-9, - and ., a-z or 0-9 at both ends",
  (name) => {
    return /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/.test(name);
  },
);

/** Kubernetes takes every field name but those that would be a step in a path. */
const dataKeys = fieldNames.superRefine((names, context) => {
  for (const [slot, name] of Object.entries(names))
    if (name === "." || name.startsWith(".."))
      context.addIssue({ code: "custom", path: [slot], message: "must not be . or begin with .." });
});

/** @param folder relative paths start here */
export function kubernetes(folder: string) {
  return section({
    type: z.literal("kubernetes"),
    namespace,
    secret: secretName,
    fields: dataKeys,
    ...kubernetesAccess,
  }).transform((given): KubernetesConfig => {
    const { type, secret, fields } = given;
    const access = readKubernetesAccess(given, folder);
    const where = [access.kubeconfig, access.context, access.namespace, secret];
    const place = {
      container: `kubernetes secret ${JSON.stringify(where)}`,
      noun: "Secret",
      namesIn: "fields",
      names: fields,
    };
    return { type, secret, fields, ...access, place };
  });
}
