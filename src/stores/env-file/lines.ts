/** The text of an env file as lines that join to the very same text, and which of them are lines only by looks. */

export type Line = {
  /** Without its end. */
  readonly text: string;
  /** Empty only in the last line of a file that does not end with a line feed. */
  readonly end: "\n" | "\r\n" | "";
};

/** What a text may begin with to mark it as UTF-8. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** Splits at line feeds, as `sh` and Docker do. A byte order mark belongs to no line and must be taken off first. */
export function splitLines(text: string): Line[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    if (line.endsWith("\r\n")) return { text: line.slice(0, -2), end: "\r\n" };
    if (line.endsWith("\n")) return { text: line.slice(0, -1), end: "\n" };
    return { text: line, end: "" };
  });
}

export function joinLines(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => text + end).join("");
}

const COMMENT = /^\s*#/;
/** dotenv takes the next line for the value. */
const VALUE_COMES_NEXT = /(?:^|[\r\u2028\u2029])\s*(?:export\s+)?[\w.-]+:$/;
const QUOTED_VALUE = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(?<quote>['"`])/;

/**
 * For each line, the index of the line in which the value that it is a part of begins, or null for a line of its own.
 * A quoted value may span lines in dotenv and `sh`; in `sh` so does a line that ends with a backslash.
 */
export function enclosingLines(lines: readonly Line[]): (number | null)[] {
  const enclosing = lines.map((): number | null => null);
  for (let first = 0; first < lines.length; first += 1) {
    const last = lastLineOfValue(lines, first);
    enclosing.fill(first, first + 1, last + 1);
    first = last;
  }
  return enclosing;
}

function lastLineOfValue(lines: readonly Line[], first: number): number {
  const { text = "" } = lines[first] ?? {};
  if (VALUE_COMES_NEXT.test(text)) return Math.min(first + 1, lines.length - 1);
  if (COMMENT.test(text)) return first;
  const quote = QUOTED_VALUE.exec(text);
  const closing = quote ? closingLine(lines, first, quote[0].length, quote.groups?.["quote"] ?? "") : null;
  if (closing !== null && closing > first) return closing;
  let last = first;
  while (last + 1 < lines.length && endsWithBackslash(lines[last])) last += 1;
  return last;
}

/** The line in which a quote that opened just before `column` closes; null: dotenv would not take it for a quote. */
function closingLine(lines: readonly Line[], first: number, column: number, quote: string): number | null {
  for (let index = first; index < lines.length; index += 1) {
    const { text = "" } = lines[index] ?? {};
    const close = closingColumn(text, index === first ? column : 0, quote);
    if (close !== -1) return /^\s*(#.*)?$/.test(text.slice(close + 1)) ? index : null;
  }
  return null;
}

function closingColumn(text: string, from: number, quote: string): number {
  let column = text.indexOf(quote, from);
  while (column > 0 && text[column - 1] === "\\") column = text.indexOf(quote, column + 1);
  return column;
}

function endsWithBackslash(line: Line | undefined): boolean {
  const backslashes = /\\+$/.exec(line?.end === "\n" ? line.text : "");
  return backslashes !== null && backslashes[0].length % 2 === 1;
}
