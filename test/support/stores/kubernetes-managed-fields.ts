/**
 * Who manages which fields of an object, and how an apply and an update change that, for a fake API server. Pure.
 * Written from https://kubernetes.io/docs/reference/using-api/server-side-apply/ and the rules of structured-merge-diff
 * (merge/update.go): an apply removes what its manager applied before, leaves out now, and nobody else manages.
 */

/** By path, e.g. `data/ACTIVE_PADDLE_KEY` or `metadata/labels/app`. */
export type Fields = ReadonlyMap<string, string | boolean>;

export type Manager = {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly fields: ReadonlySet<string>;
};

export type Managed = { readonly fields: Fields; readonly managers: readonly Manager[] };

/** Another manager relies on another value of the field. */
export type Conflict = { readonly manager: string; readonly field: string };

/** Server-side apply of `wanted`, the whole intent of `manager`. */
export function apply(
  live: Managed,
  manager: string,
  wanted: Fields,
  force: boolean,
): { readonly result: Managed } | { readonly conflicts: readonly Conflict[] } {
  const isOurs = (other: Manager) => other.manager === manager && other.operation === "Apply";
  const others = live.managers.filter((other) => !isOurs(other));
  const changed = [...wanted].filter(([field, value]) => live.fields.get(field) !== value);
  const conflicts = others.flatMap(({ manager: name, fields }) =>
    changed.filter(([field]) => fields.has(field)).map(([field]) => ({ manager: name, field })),
  );
  if (conflicts.length > 0 && !force) return { conflicts };
  const taken = new Set(changed.map(([field]) => field));
  const left = others.map((other) => ({ ...other, fields: other.fields.difference(taken) }));
  const before = live.managers.find(isOurs)?.fields ?? new Set<string>();
  const givenUp = [...before].filter(
    (field) => !wanted.has(field) && !left.some(({ fields }) => fields.has(field)),
  );
  const fields = new Map([...live.fields, ...wanted]);
  for (const field of givenUp) fields.delete(field);
  const ours = { manager, operation: "Apply", fields: new Set(wanted.keys()) } as const;
  return { result: { fields, managers: [...left, ours].filter(({ fields: { size } }) => size > 0) } };
}

/** Any other write: what it changes is the writer's from now on, and it never conflicts. */
export function update(live: Managed, manager: string, fields: Fields): Managed {
  const changed = new Set([...fields.keys()].filter((field) => live.fields.get(field) !== fields.get(field)));
  const isOurs = (other: Manager) => other.manager === manager && other.operation === "Update";
  const before = live.managers.find(isOurs)?.fields ?? new Set<string>();
  const others = live.managers.filter((other) => !isOurs(other));
  const managers = [
    ...others.map((other) => ({ ...other, fields: other.fields.difference(changed) })),
    { manager, operation: "Update", fields: before.union(changed) } as const,
  ].map((one) => ({ ...one, fields: new Set([...one.fields].filter((field) => fields.has(field))) }));
  return { fields, managers: managers.filter(({ fields: { size } }) => size > 0) };
}

/** As `metadata.managedFields` shows a set of fields. */
export function fieldsV1(fields: ReadonlySet<string>): object {
  const root: Record<string, unknown> = {};
  for (const path of fields) {
    let node = root;
    for (const step of steps(path)) node = child(node, `f:${step}`);
  }
  return root;
}

/** A name of an annotation or a label may itself have a slash. */
function steps(path: string): string[] {
  const [first = "", second = "", ...rest] = path.split("/");
  return first === "metadata" ? [first, second, rest.join("/")] : path.split("/");
}

function child(node: Record<string, unknown>, name: string): Record<string, unknown> {
  const next: Record<string, unknown> = { ...(node[name] as object | undefined) };
  node[name] = next;
  return next;
}
