/**
 * How the slots of a managed key lie in a Kubernetes Secret: one data key for each secret, and the notes in an
 * annotation. With server-side apply a manager that leaves out a field which it applied before removes it. So every
 * managed key has a manager of its own, and what it applies is always all of its fields that there are.
 */
import { createHash } from "node:crypto";
import type { V1Secret } from "@kubernetes/client-node";
import type { SecretField, SlotFields } from "../../core/slot-fields.ts";
import type { FieldChanges } from "../fields-store.ts";

/** Which data key holds which secret. */
export type DataKeys = Readonly<Record<SecretField, string>>;

/** One state of a Secret, and those of its fields that are ours. */
export type SecretState = {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly immutable: boolean;
  /** Who writes the whole Secret by itself, such as `ExternalSecret billing`. */
  readonly controller: string | null;
  /** Our data keys that there are, empty ones too, in base64. */
  readonly data: Readonly<Record<string, string>>;
  readonly notes: string | null;
};

const SLOTS = ["active", "old", "pending", "standby"] as const;
const OURS = "paddle-key-rotator";
const MAX_MANAGER_LENGTH = 128;

/** The field manager of a managed key: what GitOps tools are told to leave alone. */
export function fieldManager(keys: DataKeys): string {
  const name = `${OURS}-${keys.active}`;
  return name.length <= MAX_MANAGER_LENGTH ? name : `${OURS}-${digest(keys.active)}`;
}

/** The annotation that holds the notes. Names of annotations are narrower than those of data keys. */
export function notesAnnotation(keys: DataKeys): string {
  const fits = /^[a-z\d]([\w.-]{0,61}[a-z\d])?$/i.test(keys.active);
  return `${OURS}/${fits ? keys.active : `key-${digest(keys.active)}`}`;
}

/** Throws where this is not a Secret as an API server gives it. */
export function readState(secret: V1Secret, keys: DataKeys): SecretState {
  const { uid, resourceVersion, annotations, ownerReferences } = secret.metadata ?? {};
  if (!uid || !resourceVersion) throw new Error("not a Secret");
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  const names: readonly string[] = SLOTS.map((slot) => keys[slot]);
  return {
    uid,
    resourceVersion,
    immutable: secret.immutable === true,
    controller: owner ? `${owner.kind} ${owner.name}` : null,
    data: Object.fromEntries(Object.entries(secret.data ?? {}).filter(([name]) => names.includes(name))),
    notes: annotations?.[notesAnnotation(keys)] ?? null,
  };
}

/** The texts of our fields. Throws NotTextError. */
export function fieldsOf(state: SecretState, keys: DataKeys): SlotFields {
  const text = (slot: SecretField) => decode(state.data[keys[slot]] ?? "", keys[slot]) || null;
  return {
    active: text("active"),
    old: text("old"),
    pending: text("pending"),
    standby: text("standby"),
    notes: state.notes || null,
  };
}

/** A data key holds bytes that are no text, so no Paddle key. */
export class NotTextError extends Error {
  override readonly name = "NotTextError";
  readonly dataKey: string;

  constructor(dataKey: string) {
    super(`${dataKey} is not UTF-8 text`);
    this.dataKey = dataKey;
  }
}

/**
 * What is applied to make `changes`: only our own fields. `uid` and `resourceVersion` make it fail where the Secret
 * has changed, was deleted, or was made anew: an apply would else create what is missing.
 */
export function applied(name: string, state: SecretState, changes: FieldChanges, keys: DataKeys) {
  const changed = SLOTS.flatMap((slot) => {
    const text = changes[slot];
    return text === undefined ? [] : [[keys[slot], Buffer.from(text).toString("base64")] as const];
  });
  const notes = changes.notes ?? state.notes;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      uid: state.uid,
      resourceVersion: state.resourceVersion,
      ...(notes !== null && { annotations: { [notesAnnotation(keys)]: notes } }),
    },
    data: { ...state.data, ...Object.fromEntries(changed) },
  };
}

/** People who make a Secret with `echo` leave a line break behind the key. */
function decode(base64: string, dataKey: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true })
      .decode(Buffer.from(base64, "base64"))
      .replace(/[\r\n]+$/, "");
  } catch {
    throw new NotTextError(dataKey);
  }
}

function digest(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}
