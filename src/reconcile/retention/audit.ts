/**
 * The audit record is kept for ever, or for as long as the configuration says. A record's mark goes before it: a record
 * without a mark is shown all the same, a mark without a record would never be found again.
 */
import { z } from "zod";
import type { Forgotten, Pass } from "./pass.ts";

const LIST = "audit";
const AT_ONCE = 100;

const Ended = z.object({
  id: z.string(),
  outcome: z.string(),
  endedAt: z.iso.datetime().transform((text) => Date.parse(text)),
});

export async function* forgetAudit({ records, clock, auditMs }: Pass): Forgotten {
  if (auditMs === null) return;
  const before = clock.now() - auditMs;
  for (;;) {
    const oldest = await records.oldest(LIST, AT_ONCE);
    const read = oldest.map(({ value }) => Ended.safeParse(value).data);
    // What cannot be read is as old as what follows it.
    const kept = read.findIndex((record) => record !== undefined && record.endedAt >= before);
    // A list is shortened up to an entry, so the last one that was read stays for now.
    const end = kept === -1 ? oldest.length - 1 : kept;
    const first = oldest[end];
    if (!first || end <= 0) return;
    await records.forget(
      LIST,
      read.slice(0, end).flatMap((record) => (record ? [`${record.outcome}-${record.id}`] : [])),
    );
    await records.trim(LIST, first.id);
    yield end;
  }
}
