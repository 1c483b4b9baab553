/** Slot fields in the text of an env file: reading them, and changing them without touching anything else. */
import type { SecretField, SlotFields } from "../../core/slot-fields.ts";
import { type Assignment, formatAssignment, isSafe, type Quote } from "./assignment.ts";
import {
  formatNotes,
  type Layout,
  readLayout,
  SECRET_FIELDS,
  type SlotVariables,
  UnclearText,
} from "./layout.ts";
import { enclosingLines, joinLines, type Line } from "./lines.ts";

/** What the file holds for one managed key. Throws UnclearText. */
export function readFields(text: string, variables: SlotVariables): SlotFields {
  const { secrets, notes } = readLayout(text, variables);
  const value = (field: SecretField) => secrets[field]?.assignment.value || null;
  return {
    active: value("active"),
    old: value("old"),
    pending: value("pending"),
    standby: value("standby"),
    notes: notes?.text ?? null,
  };
}

/**
 * The text with these fields. A field that is not there any more leaves `NAME=`; one that never was leaves nothing.
 * New lines come right after the active variable's. Throws UnclearText, also for a value that no line could hold
 * for all its readers.
 */
export function withFields(text: string, variables: SlotVariables, fields: SlotFields): string {
  const layout = readLayout(text, variables);
  const lines = [...layout.lines];
  const added: string[] = [];

  const put = (index: number | undefined, line: string) => {
    if (index === undefined) added.push(line);
    else lines[index] = { text: line, end: lines[index]?.end ?? "\n" };
  };
  for (const field of SECRET_FIELDS) {
    const present = layout.secrets[field];
    const value = fields[field] ?? "";
    if (value === (present?.assignment.value ?? "")) continue;
    put(
      present?.index,
      formatAssignment(assign(variables[field], value, present?.assignment ?? null, layout)),
    );
  }
  if (fields.notes !== null) put(layout.notes?.index, formatNotes(variables.active, fields.notes));

  return layout.byteOrderMark + joinLines(insertAfter(lines, anchor(layout), added));
}

/** What a line looked like stays; a new line looks like that of the active secret, but for its comment. */
function assign(name: string, value: string, present: Assignment | null, { secrets }: Layout): Assignment {
  const active = secrets.active?.assignment;
  const wanted: readonly Quote[] = value === "" ? [""] : [present?.quote ?? "", active?.quote ?? ""];
  const quote = wanted.find((candidate) => isSafe(value, candidate));
  if (quote === undefined)
    throw new UnclearText(
      `the new value of ${name} has characters that not every reader takes as they are: if none of them is Docker's --env-file, write quotes into the line of ${name} (${name}='') to allow more`,
    );
  return { lead: present?.lead ?? active?.lead ?? "", name, quote, value, tail: present?.tail ?? "" };
}

/** The index of the line that new lines follow; -1: the file is empty. */
function anchor({ lines, secrets, notes }: Layout): number {
  if (secrets.active) return secrets.active.index;
  const known = [...Object.values(secrets), notes].flatMap((present) => present?.index ?? []);
  return known.length > 0 ? Math.max(...known) : lines.length - 1;
}

/** A file without a line feed at its end stays one. */
function insertAfter(lines: readonly Line[], index: number, added: readonly string[]): readonly Line[] {
  if (added.length === 0) return lines;
  const before = lines.slice(0, index + 1);
  const after = lines.slice(index + 1);
  const last = before.pop();
  const end = last?.end || lines[0]?.end || "\n";
  const inserted = added.map((text): Line => ({ text, end }));
  if (last?.end === "") inserted.push({ text: inserted.pop()?.text ?? "", end: "" });
  const result = last ? [...before, { text: last.text, end }, ...inserted, ...after] : inserted;

  const start = enclosingLines(result)[index + 1] ?? null;
  if (start !== null)
    throw new UnclearText(
      `line ${start + 1} goes on in the next line, so nothing can be added behind it: let it end without a backslash or colon`,
    );
  return result;
}
