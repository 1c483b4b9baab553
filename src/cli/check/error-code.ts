/** The code of an error of other people's code, which may be shown. */
import { describeError } from "../../core/public-error.ts";

/** The code that a public description ends with; null: it has none. */
export function codeOf(error: unknown): string | null {
  return /\(([^()]+)\)$/.exec(describeError(error))?.[1] ?? null;
}
