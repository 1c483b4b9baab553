/** What is fuzzed, and when it has failed. */
import type { Random } from "./random.ts";

/** Inputs of a target that share its state. It is made anew for each round, so that a round can be repeated alone. */
export type Round = AsyncDisposable & {
  /** Makes one input, feeds it in and judges what came of it: throws if that is wrong, and names it in a word if not. */
  feed(random: Random): Promise<string> | string;
};

export type Target = {
  readonly name: string;
  /** What must come of some inputs, or the generator has never got anywhere. */
  readonly mustOccur: readonly string[];
  open(): Promise<Round>;
};

export function mustBe(isRight: boolean, otherwise: string): asserts isRight {
  if (!isRight) throw new Error(otherwise);
}

/** For targets that keep nothing. */
export function statelessly(feed: Round["feed"]): Target["open"] {
  return async () => ({ feed, [Symbol.asyncDispose]: () => Promise.resolve() });
}
