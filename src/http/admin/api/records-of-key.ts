/** A page of the audit records about one key: the records are kept in one list, so all of them are looked through. */
import type { RecordPage } from "../../../rotation/record.ts";

const READ_AT_ONCE = 200;
/** Beyond so many the page is given as it is; its `next` says where to go on. */
const MOST_READ = 1_000;

export type Read = (options: { limit: number; before?: string | undefined }) => Promise<RecordPage>;

export async function recordsOfKey(
  read: Read,
  {
    keyName,
    limit,
    before,
  }: { readonly keyName: string; readonly limit: number; readonly before?: string | undefined },
): Promise<RecordPage> {
  const found: RecordPage["rotations"][number][] = [];
  let next = before ?? null;
  for (let seen = 0; seen < MOST_READ; seen += READ_AT_ONCE) {
    const from = next ?? undefined;
    const page = await read({ limit: READ_AT_ONCE, before: from });
    for (const [index, record] of page.rotations.entries()) {
      if (record.keyName !== keyName) continue;
      found.push(record);
      if (found.length < limit) continue;
      // The place behind this record is the end of a page that ends with it.
      const upToHere = await read({ limit: index + 1, before: from });
      return { rotations: found, next: upToHere.next };
    }
    next = page.next;
    if (next === null) break;
  }
  return { rotations: found, next };
}
