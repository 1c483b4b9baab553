/**
 * The Secrets of a fake API server: what it stores, validates and refuses, in its own words. From the API reference of
 * Secret v1, k8s.io/kubernetes pkg/apis/core/validation (ValidateSecret) and the registry's optimistic lock.
 */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Applied, checkManager, parseApplied } from "./kubernetes-apply-body.ts";
import { apply, type Fields, fieldsV1, type Managed, update } from "./kubernetes-managed-fields.ts";
import { badRequest, conflict, invalid, notFound, StatusError } from "./kubernetes-status.ts";

const MAX_DATA = 1_048_576;
const MAX_ANNOTATIONS = 262_144;
const DATA_KEY = /^(?!\.$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
const QUALIFIED = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export type Owner = { readonly kind: string; readonly name: string; readonly controller: boolean };

type Stored = Managed & {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: number;
  readonly owners: readonly Owner[];
};

export type Content = {
  readonly data?: Readonly<Record<string, string | Buffer>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
  readonly owners?: readonly Owner[];
};

type ApplyOptions = {
  readonly manager: string;
  readonly force: boolean;
  readonly dryRun?: boolean;
  /** Throws unless the user may create it. */
  readonly mayCreate?: () => void;
};

export class Secrets {
  readonly #stored = new Map<string, Stored>();
  #revision = 1_000;

  /** `kubectl create secret generic`. */
  create(namespace: string, name: string, content: Content, manager = "kubectl-create"): void {
    const fields = fieldsOf({ ...content, data: inBase64(content.data ?? {}) });
    const managers = [{ manager, operation: "Update", fields: new Set(fields.keys()) } as const];
    const { owners = [] } = content;
    this.#put({ name, namespace, uid: randomUUID(), resourceVersion: 0, owners, fields, managers });
  }

  delete(namespace: string, name: string): void {
    this.#stored.delete(`${namespace}/${name}`);
  }

  /** `kubectl edit` and whatever else is no apply: sets and removes (null) data keys. */
  edit(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string | Buffer | null>>,
    manager = "kubectl-edit",
  ): void {
    const stored = this.#find(namespace, name);
    const fields = new Map(stored.fields);
    for (const [key, value] of Object.entries(data))
      if (value === null) fields.delete(`data/${key}`);
      else fields.set(`data/${key}`, Buffer.from(value).toString("base64"));
    this.#put({ ...stored, ...update(stored, manager, fields) });
  }

  /** As `GET` answers. */
  get(namespace: string, name: string) {
    return shown(this.#find(namespace, name));
  }

  /** The data as text. */
  texts(namespace: string, name: string): Record<string, string> {
    const { data = {} } = this.get(namespace, name);
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  }

  /** Server-side apply. @param body YAML */
  apply(namespace: string, name: string, body: string, options: ApplyOptions) {
    const { manager, force, dryRun = false } = options;
    checkManager(manager);
    const wanted = parseApplied(body);
    const { uid, resourceVersion } = wanted.metadata;
    if (wanted.metadata.name !== name)
      throw badRequest(
        `the name of the object (${wanted.metadata.name}) does not match the name on the URL (${name})`,
      );
    const stored = this.#stored.get(`${namespace}/${name}`);
    if (!stored && uid !== undefined)
      throw conflict(
        name,
        `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      );
    if (!stored) return this.#createByApply(namespace, name, wanted, options);
    if (
      (uid !== undefined && uid !== stored.uid) ||
      (resourceVersion !== undefined && resourceVersion !== String(stored.resourceVersion))
    )
      throw conflict(
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    const outcome = apply(stored, manager, fieldsOf({ ...wanted, ...wanted.metadata }), force);
    if ("conflicts" in outcome) {
      const [first] = outcome.conflicts;
      throw new StatusError(
        409,
        "Conflict",
        `Apply failed with 1 conflict: conflict with "${first?.manager}"`,
        {
          causes: outcome.conflicts.map(({ manager: other, field }) => ({
            reason: "FieldManagerConflict",
            message: `conflict with "${other}"`,
            field: `.${field.replaceAll("/", ".")}`,
          })),
        },
      );
    }
    const after = { ...stored, ...outcome.result };
    validate(stored, after);
    if (isDeepStrictEqual(after, stored)) return shown(stored);
    return dryRun ? shown(after) : shown(this.#put(after));
  }

  /** An apply makes what is not there. */
  #createByApply(namespace: string, name: string, wanted: Applied, { manager, mayCreate }: ApplyOptions) {
    mayCreate?.();
    // storage/etcd3/store.go
    if (wanted.metadata.resourceVersion !== undefined)
      throw new StatusError(
        500,
        "InternalError",
        "resourceVersion should not be set on objects to be created",
      );
    const fields = fieldsOf({ ...wanted, ...wanted.metadata });
    const managers = [{ manager, operation: "Apply", fields: new Set(fields.keys()) } as const];
    const resourceVersion = 0;
    return shown(
      this.#put({ name, namespace, uid: randomUUID(), resourceVersion, owners: [], fields, managers }),
    );
  }

  #find(namespace: string, name: string): Stored {
    const stored = this.#stored.get(`${namespace}/${name}`);
    if (!stored) throw notFound(name);
    return stored;
  }

  #put(stored: Stored): Stored {
    this.#revision += 1;
    const kept = { ...stored, resourceVersion: this.#revision };
    this.#stored.set(`${stored.namespace}/${stored.name}`, kept);
    return kept;
  }
}

function validate(before: Stored, after: Stored): void {
  const { data = {}, metadata } = shown(after);
  const { annotations = {}, labels = {} } = metadata;
  for (const key of Object.keys(data))
    if (!DATA_KEY.test(key)) throw invalid("Secret", after.name, [`data[${key}]`, "Invalid value"]);
  for (const key of [...Object.keys(annotations), ...Object.keys(labels)])
    if (!QUALIFIED.test(key)) throw invalid("Secret", after.name, ["metadata.annotations", "Invalid value"]);
  if (bytesIn(Object.values(data).map((value) => Buffer.from(value, "base64"))) > MAX_DATA)
    throw invalid("Secret", after.name, ["data", `Too long: may not be more than ${MAX_DATA} bytes`]);
  if (
    bytesIn(
      Object.entries(annotations)
        .flat()
        .map((text) => Buffer.from(text)),
    ) > MAX_ANNOTATIONS
  )
    throw invalid("Secret", after.name, [
      "metadata.annotations",
      `Too long: may not be more than ${MAX_ANNOTATIONS} bytes`,
    ]);
  if (before.fields.get("immutable") === true && !isDeepStrictEqual(shown(before).data, data))
    throw invalid("Secret", after.name, ["data", "Forbidden: field is immutable when `immutable` is set"]);
}

function bytesIn(values: readonly Buffer[]): number {
  return values.reduce((sum, { length }) => sum + length, 0);
}

function inBase64(data: Readonly<Record<string, string | Buffer>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
}

function fieldsOf(content: {
  readonly data: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly immutable?: boolean | undefined;
  readonly type?: string | undefined;
}): Fields {
  const { data, labels = {}, annotations = {}, immutable, type } = content;
  return new Map<string, string | boolean>([
    ...Object.entries(data).map(([key, value]) => [`data/${key}`, value] as const),
    ...Object.entries(labels).map(([key, value]) => [`metadata/labels/${key}`, value] as const),
    ...Object.entries(annotations).map(([key, value]) => [`metadata/annotations/${key}`, value] as const),
    ...(immutable === undefined ? [] : [["immutable", immutable] as const]),
    ...(type === undefined ? [] : [["type", type] as const]),
  ]);
}

function shown({ name, namespace, uid, resourceVersion, owners, fields, managers }: Stored) {
  const below = (prefix: string) => {
    const found = [...fields].filter(([path]) => path.startsWith(prefix));
    if (found.length === 0) return undefined;
    return Object.fromEntries(found.map(([path, value]) => [path.slice(prefix.length), String(value)]));
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: String(resourceVersion),
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: below("metadata/labels/"),
      annotations: below("metadata/annotations/"),
      ...(owners.length > 0 && {
        ownerReferences: owners.map((owner) => ({ apiVersion: "example.com/v1", uid: "u", ...owner })),
      }),
      managedFields: managers.map(({ manager, operation, fields: owned }) => ({
        manager,
        operation,
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: fieldsV1(owned),
      })),
    },
    data: below("data/"),
    type: String(fields.get("type") ?? "Opaque"),
    ...(fields.has("immutable") && { immutable: fields.get("immutable") === true }),
  };
}
