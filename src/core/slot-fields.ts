/**
 * How slots are kept in any store: one text per secret, and one text of notes that says what the secrets are.
 * The notes name each secret by fingerprint. A note whose fingerprint is not that of the secret beside it is
 * ignored: a person changed the secret by hand, and what was known of the former one is not true of this one.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Version } from "./ports.ts";
import { Secret } from "./secret.ts";
import { type IssuedSecret, type Slots, unknownOrigin } from "./slots.ts";

export type SecretField = "active" | "old" | "pending" | "standby";

/** null: the field is not there or empty. */
export type SlotFields = Readonly<Record<SecretField | "notes", string | null>>;

const isoTime = z.iso.datetime().transform((text) => Date.parse(text));
const origin = {
  fingerprint: z.string(),
  rotationId: z.string().nullable().default(null),
  issuedAt: isoTime.nullable().default(null),
  intentId: z.string().nullable().default(null),
};
/** Read one by one: another release may write a word that this one does not know, and the rest is true all the same. */
const Notes = z.object({
  revision: z.number().int().nonnegative().default(0).catch(0),
  rolledBack: z.boolean().default(false).catch(false),
  active: z.object(origin).nullish().catch(null),
  old: z
    .object({ ...origin, until: isoTime.nullable().default(null).catch(null) })
    .nullish()
    .catch(null),
  pending: z
    .object({
      ...origin,
      mode: z.enum(["graceful", "revoke-first"]).default("graceful").catch("graceful"),
      graceSeconds: z.number().int().nonnegative().nullable().default(null).catch(null),
    })
    .nullish()
    .catch(null),
  standby: z.object(origin).nullish().catch(null),
});
type Notes = z.output<typeof Notes>;

/** Slots as they were read, and how often they were written: the revision makes every write a new version. */
export type StoredSlots = { readonly slots: Slots; readonly revision: number };

/** Reads slots from a store's texts. Notes that cannot be read are taken for absent. */
export function fromFields(fields: SlotFields): StoredSlots {
  const notes = parseNotes(fields.notes);
  const active = match(fields.active, notes.active);
  const old = match(fields.old, notes.old);
  const pending = match(fields.pending, notes.pending);
  const standby = match(fields.standby, notes.standby);
  const slots: Slots = {
    active: active && active.issued,
    old: old && { ...old.issued, until: old.note?.until ?? null },
    pending: pending && {
      ...pending.issued,
      mode: pending.note?.mode ?? "graceful",
      graceSeconds: pending.note?.graceSeconds ?? null,
    },
    standby: standby && standby.issued,
    rolledBack: notes.rolledBack && old !== null,
  };
  return { slots, revision: notes.revision };
}

/** The texts that a store keeps for these slots. */
export function toFields({ slots, revision }: StoredSlots): SlotFields {
  const { active, old, pending, standby } = slots;
  const notes = {
    revision,
    ...(slots.rolledBack && { rolledBack: true }),
    ...(active && { active: noteOn(active) }),
    ...(old && { old: { ...noteOn(old), until: toIso(old.until) } }),
    ...(pending && {
      pending: { ...noteOn(pending), mode: pending.mode, graceSeconds: pending.graceSeconds },
    }),
    ...(standby && { standby: noteOn(standby) }),
  };
  return {
    active: active?.secret.reveal() ?? null,
    old: old?.secret.reveal() ?? null,
    pending: pending?.secret.reveal() ?? null,
    standby: standby?.secret.reveal() ?? null,
    notes: JSON.stringify(notes),
  };
}

/** Of these fields only: whatever else changes beside them is no conflict. */
export function versionOf({ active, old, pending, standby, notes }: SlotFields): Version {
  const fields = JSON.stringify([active, old, pending, standby, notes]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- versions are branded, and this makes them
  return createHash("sha256").update(fields).digest("hex") as Version;
}

function parseNotes(text: string | null): Notes {
  if (text === null) return Notes.parse({});
  try {
    return Notes.parse(JSON.parse(text));
  } catch {
    return Notes.parse({});
  }
}

type Origin = Omit<IssuedSecret, "secret"> & { readonly fingerprint: string };

/** Joins a secret with the note on it, where there is one and it is about this very secret. */
function match<Note extends Origin>(
  text: string | null,
  note: Note | null | undefined,
): { issued: IssuedSecret; note: Note | null } | null {
  if (!text) return null;
  const secret = new Secret(text);
  if (!note || note.fingerprint !== secret.fingerprint())
    return { issued: unknownOrigin(secret), note: null };
  const { rotationId, issuedAt, intentId } = note;
  return { issued: { secret, rotationId, issuedAt, intentId }, note };
}

function noteOn(issued: IssuedSecret) {
  return {
    fingerprint: issued.secret.fingerprint(),
    rotationId: issued.rotationId,
    issuedAt: toIso(issued.issuedAt),
    intentId: issued.intentId,
  };
}

function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
