/** Makes text fit to be shown to people. Parts of an alert come from Paddle and from others: they are not trusted. */

// Control, formatting (also of direction) and separator characters: they forge lines, hide text and turn it around.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;
const HALF_A_CHARACTER = /\p{Cs}$/u;

/** One line of printable text, at most `most` characters long. */
export function printable(text: string, most: number): string {
  return cut(text.replaceAll(UNPRINTABLE, " ").trim(), most);
}

/** `text`, or its beginning and `…`, at most `most` characters long. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(HALF_A_CHARACTER, "")}…`;
}
