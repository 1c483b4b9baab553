/** JSON whose numbers keep their spelling: 1.0 stays 1.0, and no digit of a long one is lost. */

// TypeScript's library does not know these yet (ECMA-262: JSON.parse source text access).
const exact = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** Like JSON.parse, but for numbers: they are good for JSON.stringify and nothing else. */
export function parseExactly(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined ? exact.rawJSON(source) : value,
  );
}
