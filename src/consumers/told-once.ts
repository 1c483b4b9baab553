/**
 * Remembers who was told, for consumers that cannot be asked. A crash between telling and remembering tells them
 * again, with the same id: so whoever is told must stand it.
 */
import type { SwitchOver } from "../core/consumer.ts";
import type { Clock, Records } from "../core/ports.ts";

export type Memory = { readonly records: Pick<Records, "get" | "putIfAbsent">; readonly clock: Clock };

const KIND = "consumer-told";

/** Calls `tell` unless `consumer` was told of this switch-over before. Throws what `tell` throws, and QueueError. */
export async function tellOnce(
  consumer: string,
  { id }: SwitchOver,
  { records, clock }: Memory,
  tell: () => Promise<void>,
): Promise<"told"> {
  const mark = `${id}.${consumer}`;
  if ((await records.get(KIND, mark)) !== undefined) return "told";
  await tell();
  await records.putIfAbsent(KIND, mark, { at: new Date(clock.now()).toISOString() });
  return "told";
}
