/** How a cluster is reached, and which namespace of it is meant: the fields that every section about Kubernetes has. */
import { resolve } from "node:path";
import type { z } from "zod";
import { text } from "./fields.ts";

export type KubernetesAccessConfig = {
  /** null: the pod's own, or that of the context. */
  readonly namespace: string | null;
  /** Absolute; null: the pod's service account, else $KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string | null;
  /** null: the current one. */
  readonly context: string | null;
};

export const namespace = text(
  "the name of a namespace: 1 to 63 of a-z, 0-9 and -, not - at an end",
  (name) => {
    return /^(?=.{1,63}$)[a-z\d]([a-z\d-]*[a-z\d])?$/.test(name);
  },
).optional();

export const kubernetesAccess = {
  kubeconfig: text("the path of a file", (path) => path !== "" && !path.includes("\0")).optional(),
  context: text("the name of a context of the kubeconfig", (name) => name !== "").optional(),
};

type Given = {
  readonly [Name in keyof typeof kubernetesAccess]?: z.output<(typeof kubernetesAccess)[Name]>;
} & { readonly namespace?: z.output<typeof namespace> };

/** The fields as the rest of the program knows them. @param folder relative paths start here */
export function readKubernetesAccess(given: Given, folder: string): KubernetesAccessConfig {
  return {
    namespace: given.namespace ?? null,
    kubeconfig: given.kubeconfig === undefined ? null : resolve(folder, given.kubeconfig),
    context: given.context ?? null,
  };
}
