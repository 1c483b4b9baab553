/** What every section of the configuration file has in common: its fields are known, and a typo is told from a wish. */
import { z } from "zod";
import { nearest } from "./nearest.ts";

/**
 * An object that takes the fields of `shape` and no others. The message about unknown fields has one line for each
 * of them, in the order of the issue's `keys`.
 */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownField(key, known)).join("\n")
        : `must be a section with fields (known here: ${known.join(", ")})`,
  });
}

function unknownField(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined
    ? `is not a known field; known here: ${known.join(", ")}`
    : `is not a known field; did you mean ${meant}?`;
}

/**
 * For rules that join several fields: they run even if other fields are at fault, so that one report has everything.
 * What such a rule is given may therefore be incomplete.
 */
export const EVEN_AMONG_FAULTS = { when: () => true } as const;
