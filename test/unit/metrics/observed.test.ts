/** A part that is observed is the same part: whoever uses it cannot tell. */
import { describe, expect, it } from "vitest";
import { type Call, observed } from "../../../src/metrics/observed.ts";

class Counter {
  #count = 0;
  late?: string;
  get count(): number {
    return this.#count;
  }
  async add(much: number): Promise<number> {
    this.#count += much;
    return this.#count;
  }
  addAtOnce(much: number): number {
    if (much < 0) throw new RangeError("below zero");
    this.#count += much;
    return this.#count;
  }
  async fail(error: unknown): Promise<never> {
    throw error;
  }
  same(): this {
    return this;
  }
}

function watch(heard?: (call: Call) => void) {
  const calls: Call[] = [];
  const counter = new Counter();
  let elapsed = 0;
  const seen = observed(counter, ["add", "addAtOnce", "fail"], {
    elapsed: () => (elapsed += 250),
    heard: heard ?? ((call) => void calls.push(call)),
  });
  return { counter, seen, calls };
}

describe("an observed part", () => {
  it("answers, keeps its private state and shows its getters as before", async () => {
    const { counter, seen } = watch();
    expect(await seen.add(2)).toBe(2);
    expect(seen.addAtOnce(3)).toBe(5);
    expect([seen.count, counter.count]).toEqual([5, 5]);
    expect(seen.same()).toBe(counter);
    expect(seen).toBeInstanceOf(Counter);
  });

  it("fails with the very same error, at once where it failed at once", async () => {
    const { seen } = watch();
    const error = new Error("the same");
    await expect(seen.fail(error)).rejects.toBe(error);
    expect(() => seen.addAtOnce(-1)).toThrow(RangeError);
  });

  it("has the optional properties that it has, and no others, also those that it gets later", () => {
    const { counter, seen } = watch();
    expect("late" in seen).toBe("late" in counter);
    expect(seen.late).toBeUndefined();
    counter.late = "now";
    expect(seen.late).toBe("now");
  });

  it("can be spread like what it stands for", async () => {
    const calls: string[] = [];
    const target = { name: "x", ask: async () => "yes", close: () => "closed" };
    const seen = observed(target, ["ask"], {
      elapsed: () => 0,
      heard: (call) => void calls.push(call.method),
    });
    const { name, ask, close } = { ...seen };
    expect([name, await ask(), close()]).toEqual(["x", "yes", "closed"]);
    expect(calls).toEqual(["ask"]);
  });

  it("tells of each call: its method, arguments, end and time", async () => {
    const { seen, calls } = watch();
    const error = new Error("no");
    await seen.add(2);
    await seen.fail(error).catch(() => {});
    expect(calls).toEqual([
      { method: "add", args: [2], seconds: 0.25, value: 2 },
      { method: "fail", args: [error], seconds: 0.25, error },
    ]);
  });

  it("does not notice that nobody can write down what is told", async () => {
    const { seen } = watch(() => {
      throw new Error("no metrics today");
    });
    expect(await seen.add(1)).toBe(1);
    expect(seen.addAtOnce(1)).toBe(2);
  });
});
