import { describe, expect, it } from "vitest";
import { shareQuestion } from "../../../src/core/share-question.ts";

/** Questions that a test answers by hand, in the order in which they were asked. */
function byHand() {
  const asked: PromiseWithResolvers<number>[] = [];
  const share = shareQuestion(() => {
    const question = Promise.withResolvers<number>();
    asked.push(question);
    return question.promise;
  });
  return { asked, share };
}

describe("callers that ask at the same time", () => {
  it("share one question", async () => {
    const { asked, share } = byHand();
    const first = share();
    const others = [share(), share(), share()];
    asked[0]?.resolve(1);
    expect(await first).toBe(1);
    await Promise.resolve();
    expect(asked).toHaveLength(2);
    asked[1]?.resolve(2);
    expect(await Promise.all(others)).toEqual([2, 2, 2]);
  });

  it("never get an answer to a question that was asked before they called", async () => {
    const { asked, share } = byHand();
    void share();
    const late = share();
    asked[0]?.resolve(1);
    await Promise.resolve();
    asked[1]?.resolve(2);
    expect(await late).toBe(2);
  });

  it("are not held up by a question that failed", async () => {
    const { asked, share } = byHand();
    const first = share();
    const second = share();
    asked[0]?.reject(new Error("down"));
    await expect(first).rejects.toThrow("down");
    await Promise.resolve();
    asked[1]?.resolve(2);
    expect(await second).toBe(2);
    const third = share();
    asked[2]?.resolve(3);
    expect(await third).toBe(3);
  });
});
