/** Inputs that are nearly right: they get further than noise does. */
import type { Random } from "./random.ts";

/** A text after a few slips: of a hand, a disk, or somebody who tries. `words`: what means something to its reader. */
export function mutateText(random: Random, text: string, words: readonly string[] = []): string {
  let mutated = text;
  for (let left = random.from(1, 4); left > 0; left -= 1) mutated = slip(random, mutated, words);
  return mutated;
}

function slip(random: Random, text: string, words: readonly string[]): string {
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + random.below(12));
  const [before, part, after] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
  switch (random.below(9)) {
    case 0:
      return before + after;
    case 1:
      return before + part + part + after;
    case 2:
      return before + random.text(4) + after;
    case 3:
      return before + part + random.text(8) + after;
    case 4:
      return before;
    case 5:
      return before + part.toUpperCase() + after;
    case 6:
      return before + (part || random.text(1)).repeat(random.pick([2, 10, 100])) + after;
    default:
      return before + (words.length > 0 ? random.pick(words) : random.text(3)) + after;
  }
}

export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const mutated = Buffer.from(bytes);
  for (let left = random.from(1, 4); left > 0; left -= 1) {
    const at = random.below(mutated.length);
    if (mutated.length > 0) mutated[at] = random.below(256);
  }
  return random.oneIn(4) ? Buffer.concat([mutated, random.bytes(random.below(8))]) : mutated;
}

/** The value with something at some depth in another way. */
export function mutateJson(random: Random, value: unknown, words: readonly string[] = []): unknown {
  if (random.oneIn(5) || typeof value !== "object" || value === null) return odd(random, value, words);
  if (Array.isArray(value)) {
    const items: unknown[] = [...value];
    if (items.length > 0) items[random.below(items.length)] = odd(random, items[0], words);
    return random.oneIn(2) ? items : [...items, ...items];
  }
  const fields = Object.entries(value);
  const [name, content] = fields.length > 0 ? random.pick(fields) : ["", null];
  switch (random.below(6)) {
    case 0:
      return Object.fromEntries(fields.filter(([other]) => other !== name));
    case 1:
      return {
        ...value,
        [random.oneIn(2) ? random.pick(NAMES) : random.text(12)]: odd(random, content, words),
      };
    default:
      return { ...value, [name]: mutateJson(random, content, words) };
  }
}

function odd(random: Random, value: unknown, words: readonly string[]): unknown {
  switch (random.below(8)) {
    case 0:
      return random.pick(VALUES);
    case 1:
      return [value];
    case 2:
      return { [random.pick(NAMES)]: value };
    case 3:
      return random.text(80);
    case 4:
      return random.text(4).repeat(random.pick([1, 50, 500]));
    case 5:
      return words.length > 0 ? random.pick(words) : String(value);
    default:
      return typeof value === "string" ? mutateText(random, value, words) : random.pick(VALUES);
  }
}

const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "then",
  "toJSON",
  "length",
  "id",
  "key",
  "",
  "a.b",
  "0",
];

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  -(2 ** 53),
  "",
  " ",
  "null",
  "0",
  [],
  {},
  [[]],
  "9999-12-31T23:59:59Z",
  "0000-01-01T00:00:00Z",
  "2026-02-30T00:00:00Z",
  "2026-11-21T23:59:60Z",
  "2026-11-21T02:00:00+99:99",
];
