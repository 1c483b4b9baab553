/** Tells people of a state when it changes, however often it is looked at, and by however many instances. */
import { z } from "zod";
import type { Json, Records } from "../core/ports.ts";

const Seen = z.object({ state: z.json() });

export type Change = {
  /** What was seen before; undefined: nothing, this is the first look. */
  readonly before: Json | undefined;
  /** The same for everybody who notices this change, so that an alert with it in its id tells people once. */
  readonly id: string;
};

/**
 * Calls `tell` if `state` is not the one seen last of `subject`, and remembers it after that: a crash in between
 * tells twice, with the same id, rather than never.
 */
export async function onChange(
  records: Records,
  subject: string,
  state: Json,
  tell: (change: Change) => Promise<void>,
): Promise<void> {
  const [last] = await records.list(listOf(subject), { limit: 1 });
  const before = Seen.safeParse(last?.value).data?.state;
  if (before !== undefined && JSON.stringify(before) === JSON.stringify(state)) return;
  await tell({ before, id: last?.id ?? "first" });
  await records.append(listOf(subject), { state });
}

/** The state that was seen last; undefined: none was. Throws QueueError. */
export async function lastState(records: Pick<Records, "list">, subject: string): Promise<Json | undefined> {
  const [last] = await records.list(listOf(subject), { limit: 1 });
  return Seen.safeParse(last?.value).data?.state;
}

function listOf(subject: string): string {
  return `seen-${subject}`;
}
