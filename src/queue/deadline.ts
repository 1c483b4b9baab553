/** Waiting that ends. */
import { QueueError } from "../core/errors.ts";

/** Settles as `work` does. @throws QueueError once `ms` milliseconds are over: it may still be done later */
export async function withDeadline<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const late = () =>
    reject(new QueueError(`no answer within ${ms / 1000} s`, { effect: "unknown", retry: "later" }));
  const timer = setTimeout(late, ms);
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
