/**
 * What the rotator's secret of a managed key says, and what follows from it together with the application's secret.
 *
 * A write that changes the active secret takes two steps: this document, which says what was before and what is to
 * be, and then the new version of the application's secret. That second step alone decides: until the application's
 * secret has moved on from the version named here as the one before, nothing has happened.
 */
import { z } from "zod";
import type { Version } from "../core/ports.ts";
import { fromFields, type SlotFields, toFields, versionOf } from "../core/slot-fields.ts";
import type { Slots } from "../core/slots.ts";
import type { SecretVersion } from "./versioned-secret.ts";

const text = z.string().nullable();
const Fields = z.object({ active: text, old: text, pending: text, standby: text, notes: text });
const Document = z.object({
  fields: Fields,
  /** The version of the application's secret that holds the old secret; null: there is none, or it is not known. */
  oldVersion: text,
  /** What holds while the application's secret is still at this version. null: the active secret did not change. */
  before: z.object({ fields: Fields, oldVersion: text, applicationVersion: text }).nullable(),
  /** Who wrote it after which version. It is the mark of `fields` as written: a person's change makes it void. */
  turn: z.object({ by: z.string(), follows: text, of: z.string() }).nullable().catch(null),
});
export type Document = z.output<typeof Document>;

/** null: it is not a document of this kind. */
export function parseDocument(json: string): Document | null {
  try {
    const document = Document.parse(JSON.parse(json));
    const { turn, fields } = document;
    return turn && turn.of !== versionOf(fields) ? { ...document, turn: null } : document;
  } catch {
    return null;
  }
}

/** What both secrets together say. */
export type Derived = {
  readonly fields: SlotFields;
  readonly version: Version;
  readonly oldVersion: string | null;
  /** False: the secrets contradict each other, because of a hand or of a writer between them. */
  readonly agree: boolean;
};

const NOTHING: SlotFields = { active: null, old: null, pending: null, standby: null, notes: null };

/** @param newest of the application's secret */
export function derive(newest: SecretVersion | null, document: Document | null): Derived {
  const active = newest && activeText(newest.text);
  if (!document) return derived({ ...NOTHING, active }, null, true);
  const { fields, oldVersion, before } = document;
  if (before && before.applicationVersion === (newest?.version ?? null))
    return derived(before.fields, before.oldVersion, true);
  if (active === fields.active) return derived(fields, oldVersion, true);
  const moved = active === null ? null : movedBy(active, fields);
  // In no slot: a person has put it there, and the rest is as it was.
  return moved ? derived(moved, null, false) : derived({ ...fields, active }, oldVersion, false);
}

function derived(fields: SlotFields, oldVersion: string | null, agree: boolean): Derived {
  return { fields, version: versionOf(fields), oldVersion, agree };
}

/** Applications were given a secret of another slot: by a writer that came too late, or by a person. */
function movedBy(active: string, fields: SlotFields): SlotFields | null {
  const slot = (["old", "pending", "standby"] as const).find((name) => fields[name] === active);
  if (!slot) return null;
  const { slots, revision } = fromFields(fields);
  const found = slots[slot];
  if (!found) return null;
  const { secret, rotationId, issuedAt, intentId } = found;
  const after: Slots = {
    ...slots,
    [slot]: null,
    active: { secret, rotationId, issuedAt, intentId },
    old: slots.active && { ...slots.active, until: null },
    rolledBack: false,
  };
  return toFields({ slots: after, revision });
}

/**
 * The document for a write.
 *
 * @param newest of the application's secret, as it was when `now` was derived
 */
export function nextDocument(
  now: Derived,
  newest: SecretVersion | null,
  fields: SlotFields,
  turn: { readonly by: string; readonly follows: string | null },
): Document {
  const applicationVersion = newest?.version ?? null;
  const moves = fields.active !== now.fields.active;
  return {
    fields,
    oldVersion: whereOldIs(now, applicationVersion, fields),
    before: moves ? { fields: now.fields, oldVersion: now.oldVersion, applicationVersion } : null,
    turn: { ...turn, of: versionOf(fields) },
  };
}

function whereOldIs(now: Derived, applicationVersion: string | null, { old }: SlotFields): string | null {
  if (old === null) return null;
  if (old === now.fields.active) return applicationVersion;
  return old === now.fields.old ? now.oldVersion : null;
}

/** What stands for no active secret: no platform takes an empty text. */
const CLEARED = "\n";

/** The text of the application's secret. */
export function applicationText(active: string | null): string {
  return active || CLEARED;
}

/** One line end behind a secret is the shell's, not the secret's. */
function activeText(stored: string): string | null {
  return stored.replace(/\r?\n$/, "") || null;
}
