/** Tests share one Redis and one PostgreSQL: each keeps to names that no other test uses. */
import { randomBytes } from "node:crypto";

/** A name that nobody else has: letters, digits and `_`, so that it is a Redis prefix and a PostgreSQL schema. */
export function uniquePrefix(label = "t"): string {
  return `${label}_${randomBytes(8).toString("hex")}`;
}
