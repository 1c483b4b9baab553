/**
 * Every effect of the engine on the outside world passes a gate, and a gate can do what the world does to us:
 * kill the process before or after an effect, lose an answer, or stop a worker while another one goes on.
 */
import { PaddleError } from "../../../src/core/errors.ts";

export type Gate = { pass<T>(effect: string, act: () => Promise<T>): Promise<T> };

/** The process is dead: nothing that it would have done after this happened. */
export class Died extends Error {
  override readonly name = "Died";
  /** Nobody asks where: to find the lines of the sources, again for each of many thousand deaths, took a tenth of the time. */
  override readonly stack = "Died";
}

export const openGate: Gate = { pass: (_effect, act) => act() };

/** Counts effects, in order, by name. */
export function countingGate(): Gate & { readonly passed: string[] } {
  const passed: string[] = [];
  return {
    passed,
    pass(effect, act) {
      passed.push(effect);
      return act();
    },
  };
}

export type Accident = "dies before" | "dies after" | "loses the answer of";

/** One accident at the effect with this index. Whoever died stays dead. */
export function accidentGate(index: number, accident: Accident): Gate {
  let count = -1;
  let dead = false;
  return {
    async pass(effect, act) {
      if (dead) throw new Died(effect);
      count += 1;
      if (count !== index) return act();
      if (accident === "dies before") {
        dead = true;
        throw new Died(effect);
      }
      if (accident === "dies after") {
        dead = true;
        // Also after an effect that was refused.
        await act().catch(() => {});
        throw new Died(effect);
      }
      const answer = await act();
      if (!effect.startsWith("paddle.")) return answer;
      throw new PaddleError("no answer", {
        code: "timeout",
        status: null,
        effect: "unknown",
        retry: "later",
      });
    },
  };
}

/** Stops the worker just before the effect with this index, until `resume` is called. */
export function pausingGate(index: number): Gate & { readonly paused: Promise<void>; resume(): void } {
  const stopped = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  let count = -1;
  return {
    paused: stopped.promise,
    resume: resumed.resolve,
    async pass(_effect, act) {
      count += 1;
      if (count === index) {
        stopped.resolve();
        await resumed.promise;
      }
      return act();
    },
  };
}

/** Runs `act` just before the nth effect of this name (the first is 1), or before the nth of all. */
export function justBefore(effect: string | null, act: () => unknown, nth = 1): Gate {
  let count = 0;
  return {
    async pass(name, go) {
      if ((effect === null || name === effect) && (count += 1) === nth) await act();
      return go();
    },
  };
}

/** The process dies before the nth effect of this name. */
export function diesBefore(effect: string, nth = 1): Gate {
  return justBefore(effect, () => Promise.reject(new Died(effect)), nth);
}
