import { setImmediate as endOfTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { askPerTurn, perTurn } from "../../../src/queue/turn.ts";

it("what is asked in one turn is handed over at its end, once and in its order", async () => {
  const handed: (readonly number[])[] = [];
  const hand = perTurn<number>((items) => handed.push(items));
  hand(1);
  await Promise.resolve();
  hand(2);
  expect(handed).toEqual([]);
  await endOfTurn();
  hand(3);
  await endOfTurn();
  await endOfTurn();
  expect(handed).toEqual([[1, 2], [3]]);
});

/** Questions that a test answers by hand, in the order in which they were asked. */
function byHand() {
  const asked: PromiseWithResolvers<number>[] = [];
  const ask = askPerTurn(() => {
    const question = Promise.withResolvers<number>();
    asked.push(question);
    return question.promise;
  });
  return { asked, ask };
}

describe("callers of one turn", () => {
  it("share one question", async () => {
    const { asked, ask } = byHand();
    const answers = Promise.all([ask(), ask(), ask()]);
    await endOfTurn();
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(1);
    expect(await answers).toEqual([1, 1, 1]);
  });

  it("never get an answer to a question that was asked before they called", async () => {
    const { asked, ask } = byHand();
    const first = ask();
    await endOfTurn();
    const late = ask();
    asked[0]?.resolve(1);
    expect(await first).toBe(1);
    await endOfTurn();
    asked[1]?.resolve(2);
    expect(await late).toBe(2);
  });

  it("all hear that their question failed, and the next ones ask again", async () => {
    const { asked, ask } = byHand();
    const results = Promise.allSettled([ask(), ask()]);
    await endOfTurn();
    asked[0]?.reject(new Error("down"));
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = ask();
    await endOfTurn();
    asked[1]?.resolve(3);
    expect(await again).toBe(3);
  });
});
