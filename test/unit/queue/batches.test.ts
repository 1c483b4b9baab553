import { setImmediate as endOfTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { inBatches } from "../../../src/queue/batches.ts";
import { until } from "../../support/until.ts";

/** Batches that a test ends by hand, in the order in which they were sent. */
function byHand(batching = { full: 100, aloneForMs: 60_000 }) {
  const sent: { readonly batch: readonly number[]; readonly end: () => void }[] = [];
  const hand = inBatches<number>((batch) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sent.push({ batch, end: resolve });
    return promise;
  }, batching);
  return { hand, sent: () => sent.map(({ batch }) => batch), end: (index: number) => sent[index]?.end() };
}

it("what comes in one turn is sent together at its end, in its order", async () => {
  const { hand, sent } = byHand();
  hand(1);
  await Promise.resolve();
  hand(2);
  expect(sent()).toEqual([]);
  await endOfTurn();
  expect(sent()).toEqual([[1, 2]]);
});

it("what comes while a batch is under way is the next one, and what comes after that waits for nothing", async () => {
  const { hand, sent, end } = byHand();
  hand(1);
  await endOfTurn();
  hand(2);
  await endOfTurn();
  hand(3);
  await endOfTurn();
  expect(sent()).toEqual([[1]]);
  end(0);
  await endOfTurn();
  expect(sent()).toEqual([[1], [2, 3]]);
  end(1);
  await endOfTurn();
  hand(4);
  await endOfTurn();
  expect(sent()).toEqual([[1], [2, 3], [4]]);
});

it("a full batch is sent at once, also while another one is under way; the rest waits until none is", async () => {
  const { hand, sent, end } = byHand({ full: 2, aloneForMs: 60_000 });
  for (const item of [1, 2, 3, 4, 5]) hand(item);
  expect(sent()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  end(0);
  await endOfTurn();
  expect(sent()).toHaveLength(2);
  end(1);
  await endOfTurn();
  expect(sent()).toEqual([[1, 2], [3, 4], [5]]);
});

it("a batch without an end keeps the next one waiting only for a while", async () => {
  const { hand, sent } = byHand({ full: 100, aloneForMs: 10 });
  hand(1);
  await endOfTurn();
  hand(2);
  await until("the next one is sent", () => sent().length === 2);
  expect(sent()).toEqual([[1], [2]]);
});
