/** The section `store` of type kubernetes: which Secret of which cluster, and which of its data keys, hold secrets. */
import { resolve } from "node:path";
import { z } from "zod";
import { text } from "../fields.ts";
import { section } from "../section.ts";
import { type FieldNames, fieldNames, type StorePlace } from "./place.ts";

export type KubernetesConfig = {
  readonly type: "kubernetes";
  /** null: the pod's own, or that of the context. */
  readonly namespace: string | null;
  readonly secret: string;
  readonly fields: FieldNames;
  /** Absolute; null: the pod's service account, else $KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string | null;
  /** null: the current one. */
  readonly context: string | null;
  readonly place: StorePlace;
};

const namespace = text("the name of a namespace: 1 to 63 of a-z, 0-9 and -, not - at an end", (name) => {
  return /^(?=.{1,63}$)[a-z\d]([a-z\d-]*[a-z\d])?$/.test(name);
});

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
    namespace: namespace.optional(),
    secret: secretName,
    fields: dataKeys,
    kubeconfig: text("the path of a file", (path) => path !== "" && !path.includes("\0")).optional(),
    context: text("the name of a context of the kubeconfig", (name) => name !== "").optional(),
  }).transform((given): KubernetesConfig => {
    const { type, secret, fields } = given;
    const kubeconfig = given.kubeconfig === undefined ? null : resolve(folder, given.kubeconfig);
    const [where, context] = [given.namespace ?? null, given.context ?? null];
    const place = {
      container: `kubernetes secret ${JSON.stringify([kubeconfig, context, where, secret])}`,
      noun: "Secret",
      namesIn: "fields",
      names: fields,
    };
    return { type, namespace: where, secret, fields, kubeconfig, context, place };
  });
}
