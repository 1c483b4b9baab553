/** An event that was read from Paddle's list of past events, treated exactly like a webhook. */
import type { Logger } from "pino";
import type { WorkQueue } from "../core/ports.ts";
import { readEvent } from "./events.ts";
import { plan } from "./plan.ts";

export type PastEventDeps = {
  readonly queue: WorkQueue;
  /** The configured name of each managed key, by key id. */
  readonly keyNames: () => ReadonlyMap<string, string>;
  readonly log: Logger;
};

/**
 * `missed`: no webhook had brought it. `known`: its work is in the queue already, done or not.
 * Throws QueueError if the queue does not take the work.
 */
export async function acceptPastEvent(
  body: unknown,
  { queue, keyNames, log }: PastEventDeps,
): Promise<"missed" | "known" | "ignored"> {
  const parsed = readEvent(body);
  if ("notAnEvent" in parsed) {
    log.warn({ reason: parsed.notAnEvent }, "past event ignored: it is not what was expected");
    return "ignored";
  }
  const next = plan(parsed.event, keyNames());
  if (next.do === "ignore") return "ignored";
  if (await queue.knows(next.work.intent.id)) return "known";
  await queue.put(next.work, next.delayMs > 0 ? { delayMs: next.delayMs } : {});
  return "missed";
}
