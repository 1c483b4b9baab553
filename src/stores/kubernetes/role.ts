/** What the rotator must be allowed to do with one Secret, and how people make one, ready to be pasted. */

export type Target = {
  /** null: the pod's own, or that of the context; which one is not known yet. */
  readonly namespace: string | null;
  readonly secret: string;
  /** The data key of the active secret. */
  readonly dataKey: string;
};

/** The minimal Role and its RoleBinding, as YAML. */
export function minimalRole({ namespace, secret }: Target): readonly string[] {
  const name = `paddle-key-rotator-${secret}`;
  const metadata = `metadata: { name: ${name}${namespace === null ? "" : `, namespace: ${JSON.stringify(namespace)}`} }`;
  const inNamespace = namespace === null ? "" : ` -n ${namespace}`;
  return [
    "apiVersion: rbac.authorization.k8s.io/v1",
    "kind: Role",
    metadata,
    "rules:",
    `  - { apiGroups: [""], resources: [secrets], resourceNames: [${JSON.stringify(secret)}], verbs: [get, patch] }`,
    "---",
    "apiVersion: rbac.authorization.k8s.io/v1",
    "kind: RoleBinding",
    metadata,
    `roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name} }`,
    "subjects:",
    "  # the service account that the rotator runs as",
    "  - { kind: ServiceAccount, name: paddle-key-rotator, namespace: paddle-key-rotator }",
    "# to try it, with --as=system:serviceaccount:paddle-key-rotator:paddle-key-rotator:",
    `#   kubectl auth can-i get secrets/${secret}${inNamespace}`,
    `#   kubectl auth can-i patch secrets/${secret}${inNamespace}`,
  ];
}

/** The command that makes the Secret and keeps the key out of the shell's history. */
export function toMake({ namespace, secret, dataKey }: Target): string {
  const inNamespace = namespace === null ? "" : ` -n ${namespace}`;
  return `read -rs KEY && printf %s "$KEY" | kubectl create secret generic ${secret}${inNamespace} --from-file=${dataKey}=/dev/stdin`;
}
