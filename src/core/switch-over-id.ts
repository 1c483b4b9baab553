/** The name of one switch-over of a key's applications to another secret. */
import { createHash } from "node:crypto";

/** @param entryId of the entry that began it, in the key's list of switch-overs */
export function nameSwitchOver(keyName: string, entryId: string): string {
  return createHash("sha256").update(`${keyName} ${entryId}`).digest("hex").slice(0, 32);
}
