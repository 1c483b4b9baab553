/** What many callers ask for at the same time is sent together. */
import { settlesWithin } from "./deadline.ts";

export type Batching = {
  readonly atMost: number;
  /** How long a batch without an end keeps the next one waiting, in milliseconds. */
  readonly aloneForMs: number;
};

/**
 * What comes in one turn of the event loop is a batch; what comes while that is under way is the next one. So batches
 * grow with the load, and where there is little nobody waits for anybody.
 *
 * @param send never rejects: what becomes of an item is told to whoever brought it
 */
export function inBatches<Item>(
  send: (batch: readonly Item[]) => Promise<unknown>,
  { atMost, aloneForMs }: Batching,
): (item: Item) => void {
  let waiting: Item[] = [];
  let isBusy = false;
  const sendAll = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atMost);
      waiting = waiting.slice(atMost);
      await settlesWithin(send(batch), aloneForMs);
    }
    isBusy = false;
  };
  return (item) => {
    waiting.push(item);
    if (isBusy) return;
    isBusy = true;
    setImmediate(() => void sendAll());
  };
}
