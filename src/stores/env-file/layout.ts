/** Where in an env file the lines of one managed key are. Text that readers could understand differently is refused. */
import type { SecretField } from "../../core/slot-fields.ts";
import { type Assignment, namesIn, parseAssignment } from "./assignment.ts";
import { BYTE_ORDER_MARK, enclosingLines, type Line, splitLines } from "./lines.ts";

/** Which variable of the file holds which secret. */
export type SlotVariables = Readonly<Record<SecretField, string>>;

export const SECRET_FIELDS = [
  "active",
  "old",
  "pending",
  "standby",
] as const satisfies readonly SecretField[];

/** The text cannot be read or changed with certainty. The message says where, why and what to do; never a value. */
export class UnclearText extends Error {
  override readonly name = "UnclearText";
}

export type Layout = {
  readonly byteOrderMark: string;
  readonly lines: readonly Line[];
  /** `index`: of the line. null: the file does not have the variable. */
  readonly secrets: Readonly<Record<SecretField, { index: number; assignment: Assignment } | null>>;
  readonly notes: { readonly index: number; readonly text: string } | null;
};

/** Throws UnclearText. */
export function readLayout(text: string, variables: SlotVariables): Layout {
  const byteOrderMark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const lines = splitLines(text.slice(byteOrderMark.length));
  const enclosing = enclosingLines(lines);
  const names = lines.map(({ text: line }, index) => [
    ...namesIn(line),
    // To dotenv, an "=" at the beginning of a line belongs to the name at the end of the line before.
    ...(/^\s*=/.test(lines[index + 1]?.text ?? "") ? namesIn(`${line}=`) : []),
  ]);
  const notes = lines.map((line) => notesIn(line.text, variables.active));

  const place = (what: string, isThere: (index: number) => boolean): number | null => {
    const [index, second] = lines.keys().filter(isThere);
    if (index === undefined) return null;
    if (second !== undefined)
      throw new UnclearText(
        `lines ${index + 1} and ${second + 1} both hold ${what}, and readers differ on which one counts: delete one of them`,
      );
    const start = enclosing[index] ?? null;
    if (start !== null)
      throw new UnclearText(
        `line ${index + 1} holds ${what} but to some readers is a part of the value that begins in line ${start + 1}: move it to a place of its own`,
      );
    return index;
  };
  const secret = (field: SecretField) => {
    const name = variables[field];
    const index = place(name, (line) => names[line]?.includes(name) ?? false);
    if (index === null) return null;
    const assignment = parseAssignment(lines[index]?.text ?? "");
    if (!assignment)
      throw new UnclearText(
        `line ${index + 1} sets ${name} in a way that some readers understand differently: write ${name}=value, with no space around the "=", a value of letters, digits and ._/:@%+,=- (or one in quotes, without backslash, "$" or quotes inside), and any comment after a space`,
      );
    const taken = assignment.quote === "" && assignment.value === "" ? quoteBehind(lines, index) : null;
    if (taken !== null)
      throw new UnclearText(
        `line ${index + 1} sets ${name} to nothing, and some readers take line ${taken + 1} for its value: write the value right behind the "=", or delete one of the two lines`,
      );
    return { index, assignment };
  };
  const notesIndex = place(`the notes on ${variables.active}`, (line) => typeof notes[line] === "string");
  return {
    byteOrderMark,
    lines,
    secrets: {
      active: secret("active"),
      old: secret("old"),
      pending: secret("pending"),
      standby: secret("standby"),
    },
    notes: notesIndex === null ? null : { index: notesIndex, text: notes[notesIndex] ?? "" },
  };
}

/** To dotenv, quotes behind any white space are the value of an assignment that has none. null: there are none. */
function quoteBehind(lines: readonly Line[], index: number): number | null {
  const next = lines.findIndex(({ text }, other) => other > index && text.trim() !== "");
  return next !== -1 && /^\s*['"`]/.test(lines[next]?.text ?? "") ? next : null;
}

/** The comment that holds the notes of the managed key whose active variable is `name`. */
export function formatNotes(name: string, notes: string): string {
  // dotenv ends a comment at U+2028 as well, so nothing but ASCII may stand in it.
  const ascii = notes.replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `# paddle-key-rotator ${name} ${ascii}`;
}

function notesIn(line: string, name: string): string | null {
  const groups = /^\s*#\s*paddle-key-rotator\s+(?<name>\w+)\s+(?<notes>\{.*)$/.exec(line)?.groups;
  return groups?.["name"] === name ? (groups["notes"] ?? null) : null;
}
