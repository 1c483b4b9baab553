/**
 * What is remembered of the secrets of a shape `versions`, as the text of a version of its own. It is written before
 * the labels move, so it must be true before and after: it knows each secret by its fingerprint, not by its slot.
 */
import { z } from "zod";
import { Secret } from "../../core/secret.ts";
import { type SecretField, type SlotFields, toFields } from "../../core/slot-fields.ts";
import type { Slots } from "../../core/slots.ts";

const SLOTS = ["active", "old", "pending", "standby"] as const;

const Note = z.looseObject({ fingerprint: z.string() });
const Notes = z.looseObject({
  revision: z.number(),
  active: Note.optional(),
  old: Note.optional(),
  pending: Note.optional(),
  standby: Note.optional(),
});

const Memory = z.object({
  revision: z.number().int().nonnegative(),
  secrets: z.array(Note),
  /** Pairs of fingerprints: whenever the first is in use and the second old, that is a rollback. */
  rolledBack: z.array(z.tuple([z.string(), z.string()])),
});
type Memory = z.output<typeof Memory>;

export type SecretTexts = Omit<SlotFields, "notes">;

/** The text to be kept while `before` becomes `after`, and from then on. */
export function remember(before: Slots, after: Slots, revision: number): string {
  const secrets = new Map<string, z.output<typeof Note>>();
  // Later ones win: what `after` says of a secret that is in both.
  for (const note of [...notesOn(before), ...notesOn(after)])
    secrets.set(note.fingerprint, { ...secrets.get(note.fingerprint), ...note });
  const memory: Memory = { revision, secrets: [...secrets.values()], rolledBack: rollbacks(before, after) };
  return JSON.stringify(memory);
}

/** The notes on these secrets, as slot-fields.ts reads them; null: nothing is remembered. */
export function recall(text: string | null, texts: SecretTexts): string | null {
  const memory = parse(text);
  if (memory === null) return null;
  const prints = printsOf(texts);
  const notes = SLOTS.map((slot) => [slot, memory.secrets.find((note) => note.fingerprint === prints[slot])]);
  const rolledBack = memory.rolledBack.some(
    ([inUse, old]) => inUse === (prints.active ?? prints.standby) && old === prints.old,
  );
  return JSON.stringify({ ...Object.fromEntries(notes), revision: memory.revision, rolledBack });
}

function notesOn(slots: Slots): z.output<typeof Note>[] {
  const { notes } = toFields({ slots, revision: 0 });
  const parsed = Notes.parse(JSON.parse(notes ?? "{}"));
  // A secret may be in two slots; what is known of it as the active one counts.
  return [parsed.standby, parsed.pending, parsed.old, parsed.active].filter((note) => note !== undefined);
}

function rollbacks(before: Slots, after: Slots): Memory["rolledBack"] {
  const [was, will] = [pairOf(before), pairOf(after)];
  // Of the pair that is in both, `after` says whether it is a rollback.
  const same = was !== null && will !== null && was[0] === will[0] && was[1] === will[1];
  return [...(was && before.rolledBack && !same ? [was] : []), ...(will && after.rolledBack ? [will] : [])];
}

function pairOf({ active, old, standby }: Slots): [string, string] | null {
  // A standby's store of its own has no active secret: what is rotated there is the standby.
  const inUse = active ?? standby;
  return inUse && old && [inUse.secret.fingerprint(), old.secret.fingerprint()];
}

function printsOf(texts: SecretTexts): Readonly<Record<SecretField, string | null>> {
  return {
    active: print(texts.active),
    old: print(texts.old),
    pending: print(texts.pending),
    standby: print(texts.standby),
  };
}

function print(text: string | null): string | null {
  return text && new Secret(text).fingerprint();
}

function parse(text: string | null): Memory | null {
  if (text === null) return null;
  try {
    return Memory.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
