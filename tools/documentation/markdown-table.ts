/** A table of settings in a page: name and default come from the schema, meaning and example are written by hand. */

export type Field = {
  readonly name: string;
  /** The default as an operator would write it, or `required`, or `–`: there is none. */
  readonly default: string;
};

export type Row = Field & { readonly meaning: string; readonly example: string };

export type Place = {
  /** The heading that it stands below; left out: it is the first of the page. */
  readonly under?: string;
  /** What its first column is called. */
  readonly column: "Variable" | "Field";
};

/** Throws if the page has no such table. */
export function readTable(page: string, place: Place): Row[] {
  return find(page, place).rows.map(([name = "", byDefault = "", meaning = "", example = ""]) => ({
    name: bare(name),
    default: bare(byDefault),
    meaning,
    example: bare(example),
  }));
}

/**
 * The page with these fields in the table, in their order. What is written about a field stays with it; of a new one
 * nothing is written yet, and a field that is no more takes its words with it.
 */
export function withFields(page: string, place: Place, fields: readonly Field[]): string {
  const { lines, begin, end, rows } = find(page, place);
  const written = new Map(rows.map(([name = "", , ...words]) => [bare(name), words]));
  const table = fields.map(({ name, default: byDefault }) => {
    const [meaning = "", example = ""] = written.get(name) ?? [];
    return `| \`${name}\` | ${isWord(byDefault) ? byDefault : `\`${byDefault}\``} | ${meaning} | ${example} |`;
  });
  return [...lines.slice(0, begin), ...table, ...lines.slice(end)].join("\n");
}

/** Where the rows of a table begin and end, and their cells. */
function find(page: string, { under, column }: Place) {
  const lines = page.split("\n");
  const heading =
    under === undefined ? 0 : lines.findIndex((line) => /^#+ /.test(line) && titleOf(line) === under);
  const head =
    heading === -1 ? -1 : lines.findIndex((line, at) => at >= heading && line.startsWith(`| ${column} `));
  if (head === -1) throw new Error(`there is no table of settings below "${under ?? "the title"}"`);
  const begin = head + 2;
  const length = lines.slice(begin).findIndex((line) => !line.startsWith("|"));
  const end = length === -1 ? lines.length : begin + length;
  const rows = lines.slice(begin, end).map((line) =>
    line
      .replace(/^\|(.*)\|$/, "$1")
      .split(" | ")
      .map((cell) => cell.trim()),
  );
  return { lines, begin, end, rows };
}

function titleOf(heading: string): string {
  return heading.replace(/^#+ /, "");
}

function bare(cell: string): string {
  return cell.replace(/^`([^`]*)`$/, "$1");
}

function isWord(byDefault: string): boolean {
  return byDefault === "required" || byDefault === "–";
}
