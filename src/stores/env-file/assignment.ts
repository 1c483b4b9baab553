/**
 * One line of an env file that sets a variable, in the one form that dotenv and `sh` read alike, and Docker too where
 * there are no quotes: NAME=value, perhaps with `export` before and a comment behind.
 */

/** A line's quotes: none, single or double. */
export type Quote = "" | "'" | '"';

export type Assignment = {
  /** What stands before the name: white space, `export`. */
  readonly lead: string;
  readonly name: string;
  readonly quote: Quote;
  /** Without quotes. */
  readonly value: string;
  /** What stands behind the value: white space, a comment. */
  readonly tail: string;
};

const ASSIGNMENT = new RegExp(
  String.raw`^(?<lead>[ \t]*(?:export[ \t]+)?)(?<name>[A-Za-z_]\w*)=` +
    String.raw`(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<bare>[^ \t'"]*))(?<tail>[ \t]*|[ \t]+#.*)$`,
);

// `~` and `$` are left out of bare values because `sh` replaces them, `#` because dotenv takes it for a comment.
// Inside quotes, a backslash has a meaning to dotenv, and in double ones `$` and the backtick to `sh` and Compose.
const SAFE: Readonly<Record<Quote, RegExp>> = {
  "": /^[\w./:@%+,=-]*$/,
  "'": /^[ -&(-[\]-~]*$/,
  '"': /^[ !#%-[\]-_a-~]*$/,
};

/** Whether every reader of a line with these quotes gets exactly this value. */
export function isSafe(value: string, quote: Quote): boolean {
  return SAFE[quote].test(value);
}

/** Takes a line to pieces; null: some readers would understand it in another way than others. */
export function parseAssignment(line: string): Assignment | null {
  const groups = ASSIGNMENT.exec(line)?.groups;
  if (!groups) return null;
  const { lead = "", name = "", single, double, bare = "", tail = "" } = groups;
  const quote = single !== undefined ? "'" : double !== undefined ? '"' : "";
  const value = single ?? double ?? bare;
  return isSafe(value, quote) ? { lead, name, quote, value, tail } : null;
}

/** The line of these pieces: what `parseAssignment` took apart, with any value that is safe in its quotes. */
export function formatAssignment({ lead, name, quote, value, tail }: Assignment): string {
  return `${lead}${name}=${quote}${value}${quote}${tail}`;
}

// dotenv also takes `NAME = value` and `NAME: value`, and ends a line at each of these characters.
const DEFINITIONS_TO_SOME = /(?<=^|[\r\u2028\u2029])\s*(?:export\s+)?(?<name>[\w.-]+)\s*(?:=|:(?=\s|$))/g;

/** The names that a line may define in the eyes of some reader. */
export function namesIn(line: string): string[] {
  return [...line.matchAll(DEFINITIONS_TO_SOME)].flatMap(({ groups }) => groups?.["name"] ?? []);
}
