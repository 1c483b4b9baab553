/**
 * Tells of calls without taking part in them: who calls gets the same answers and the same errors, and sees the same
 * object. Ports are decorated with it; what is told can do no harm to what is done.
 */

/** A call that has ended: `value` or `error`, whichever it was. */
export type Call = {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly seconds: number;
} & ({ readonly value: unknown } | { readonly error: unknown });

export type Listener = {
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  readonly heard: (call: Call) => void;
};

/**
 * `target`, with the calls of these methods told of. All else is its own: getters, private fields, what it is given
 * later, and methods, which run on it and not on what stands for it.
 */
export function observed<Target extends object>(
  target: Target,
  methods: readonly (keyof Target & string)[],
  listener: Listener,
): Target {
  const told = new Map<PropertyKey, unknown>(methods.map((name) => [name, tellOf(target, name, listener)]));
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (told.get(name) ?? value.bind(target)) : value;
    },
  });
}

function tellOf(target: object, method: string, { elapsed, heard }: Listener) {
  return (...args: unknown[]): unknown => {
    const startedAt = elapsed();
    const tell = (end: { value: unknown } | { error: unknown }) =>
      harmlessly(() => heard({ method, args, seconds: (elapsed() - startedAt) / 1_000, ...end }));
    let answer: unknown;
    try {
      answer = Reflect.apply(Reflect.get(target, method), target, args);
    } catch (error) {
      tell({ error });
      throw error;
    }
    if (answer instanceof Promise) {
      return answer.then(
        (value: unknown) => {
          tell({ value });
          return value;
        },
        (error: unknown) => {
          tell({ error });
          throw error;
        },
      );
    }
    tell({ value: answer });
    return answer;
  };
}

/** What cannot be measured is no reason to fail at what is measured. */
export function harmlessly(measure: () => void): void {
  try {
    measure();
  } catch {
    // Nobody is worse off for a number that is missing.
  }
}
