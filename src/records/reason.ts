/** Why the records' server cannot be used, in the words of the clients of Redis and PostgreSQL. */
import { codeOf } from "../core/public-error.ts";

/**
 * The text of an error. A connection refused on every address of a host has only a code; a Redis Cluster says that all
 * nodes failed, and why only in the error of the last one. That is not ours to quote: of it only the code is told.
 */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const says = error.message || codeOf(error) || error.name;
  const ofNode = "lastNodeError" in error ? codeOf(error.lastNodeError) : null;
  return ofNode === null ? says : `${says.replace(/\.$/, "")}: ${ofNode}`;
}
