/** No operation on the records waits longer than this, whatever the server does. */
export const DEADLINE_MS = 3_000;

/** How long a server is given to say goodbye before its connection is cut. */
export const FAREWELL_MS = 500;

/** Settles as `promise` does, or rejects at `deadline` (on the clock of `performance.now()`). */
export async function by<Value>(deadline: number, promise: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(late.reject, deadline - performance.now(), new Error("no answer in time"));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
