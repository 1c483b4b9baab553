/** What the rotator must be allowed to do with the workloads of one consumer, ready to be pasted. */
import { type Kind, KINDS } from "./workload.ts";

export type Verb = "get" | "list" | "patch";

/** Which workloads. */
export type Target = {
  /** null: the pod's own, or that of the context; which one is not known yet. */
  readonly namespace: string | null;
} & (
  | { readonly workloads: readonly { readonly kind: Kind; readonly name: string }[]; readonly selector: null }
  | {
      readonly workloads: null;
      readonly selector: { readonly labels: string; readonly kinds: readonly Kind[] };
    }
);

/** As the API, and so RBAC, calls them. */
export function resourceOf(kind: Kind): string {
  return `${kind}s`;
}

/** The minimal Role and its RoleBinding, as YAML. */
export function minimalRole(consumer: string, target: Target): readonly string[] {
  const name = `paddle-key-rotator-${consumer}`;
  const where = target.namespace === null ? "" : `, namespace: ${JSON.stringify(target.namespace)}`;
  const metadata = `metadata: { name: ${name}${where} }`;
  return [
    "apiVersion: rbac.authorization.k8s.io/v1",
    "kind: Role",
    metadata,
    "rules:",
    ...KINDS.flatMap((kind) => ruleFor(kind, target)),
    '  - { apiGroups: [""], resources: [pods], verbs: [list] }',
    "---",
    "apiVersion: rbac.authorization.k8s.io/v1",
    "kind: RoleBinding",
    metadata,
    `roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name} }`,
    "subjects:",
    "  # the service account that the rotator runs as",
    "  - { kind: ServiceAccount, name: paddle-key-rotator, namespace: paddle-key-rotator }",
  ];
}

function ruleFor(kind: Kind, { workloads, selector }: Target): string[] {
  const resources = `apiGroups: [apps], resources: [${resourceOf(kind)}]`;
  // What a list shows cannot be limited by name, and what a selector will match has no name yet.
  if (selector !== null)
    return selector.kinds.includes(kind) ? [`  - { ${resources}, verbs: [list, patch] }`] : [];
  const names = workloads
    .filter((workload) => workload.kind === kind)
    .map(({ name }) => JSON.stringify(name));
  return names.length === 0
    ? []
    : [`  - { ${resources}, resourceNames: [${names.join(", ")}], verbs: [get, patch] }`];
}
