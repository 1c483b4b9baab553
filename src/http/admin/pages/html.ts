/**
 * Pages are made of `html` templates. Whatever is put into one is escaped, for text and for quoted attributes alike,
 * unless it came out of another one: names, descriptions and alerts hold words of other people.
 */

/** Markup that `html` made. Nothing else is taken for markup. */
export class Html {
  readonly #markup: string;

  /** @param parts literal parts of a template; to be called by `html` only */
  constructor(parts: readonly string[], values: readonly HtmlValue[]) {
    let markup = parts[0] ?? "";
    for (const [index, value] of values.entries()) markup += render(value) + (parts[index + 1] ?? "");
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** null, undefined and false are nothing at all; the values of a list follow each other. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** Line breaks of the source, with the indentation around them, become a single line break. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(slim(strings), values);
}

const slimmed = new WeakMap<TemplateStringsArray, readonly string[]>();

function slim(strings: TemplateStringsArray): readonly string[] {
  const known = slimmed.get(strings);
  if (known) return known;
  const parts = strings.map((part) => part.replace(/\s*\n\s*/g, "\n"));
  slimmed.set(strings, parts);
  return parts;
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "string") return escape(value);
  if (typeof value === "number") return String(value);
  return value.map(render).join("");
}

const ESCAPED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPED[character] ?? "");
}
