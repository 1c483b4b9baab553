/** Waiting that ends. */

/** Settles as `work` does; rejects with `late()` once `ms` milliseconds are over. */
export async function withDeadline<Value>(
  work: Promise<Value>,
  ms: number,
  late: () => Error,
): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const timer = setTimeout(() => reject(late()), ms);
  try {
    work.then(resolve, reject);
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether `work` came to an end, good or bad, within `ms` milliseconds. Never rejects. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const deadline = Promise.withResolvers<boolean>();
  const timer = setTimeout(deadline.resolve, ms, false);
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}
