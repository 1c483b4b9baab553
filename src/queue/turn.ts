/** What many callers ask in one turn of the event loop is done together at its end. */
import { setImmediate as endOfTurn } from "node:timers/promises";

/** Hands over, at the end of each turn in which it was called, what it was called with. */
export function perTurn<Item>(handle: (items: readonly Item[]) => void): (item: Item) => void {
  let items: Item[] = [];
  const handOver = () => {
    const all = items;
    items = [];
    handle(all);
  };
  return (item) => {
    if (items.push(item) === 1) setImmediate(handOver);
  };
}

/** Callers of one turn share a question. So each gets the answer to one that was asked after it called. */
export function askPerTurn<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let next: Promise<Answer> | null = null;
  const askNow = () => {
    next = null;
    return ask();
  };
  return () => (next ??= endOfTurn().then(askNow));
}
