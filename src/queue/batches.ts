/** What many callers ask for at the same time is sent together. */
import { settlesWithin } from "./deadline.ts";

export type Batching = {
  /** So many are sent at once, whatever is under way. */
  readonly full: number;
  /** How long batches without an end keep one waiting that is not full, in milliseconds. */
  readonly aloneForMs: number;
};

/**
 * What comes in one turn of the event loop is a batch; what comes while one is under way is the next one. So batches
 * grow with the load, and where there is little nobody waits for anybody.
 *
 * @param send never rejects: what becomes of an item is told to whoever brought it
 */
export function inBatches<Item>(
  send: (batch: readonly Item[]) => Promise<unknown>,
  { full, aloneForMs }: Batching,
): (item: Item) => void {
  let waiting: Item[] = [];
  let underWay = 0;
  const sendWaiting = async () => {
    const batch = waiting;
    waiting = [];
    underWay += 1;
    await settlesWithin(send(batch), aloneForMs);
    underWay -= 1;
    sendUnlessBusy();
  };
  const sendUnlessBusy = () => {
    if (waiting.length > 0 && underWay === 0) void sendWaiting();
  };
  return (item) => {
    waiting.push(item);
    if (waiting.length === full) void sendWaiting();
    else if (waiting.length === 1) setImmediate(sendUnlessBusy);
  };
}
