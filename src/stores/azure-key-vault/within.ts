/** A deadline for work that may not keep one itself. */

export class Overdue extends Error {
  override readonly name = "Overdue";
  /** As Node calls it when a connection is the one that is late. */
  readonly code = "ETIMEDOUT";
}

/** Rejects with Overdue after `ms`; `work` is told by its signal, and what becomes of it then is nobody's business. */
export function within<Result>(ms: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const signal = AbortSignal.timeout(ms);
  const overdue = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => overdue.reject(new Overdue(`no answer within ${ms} ms`)), {
    once: true,
  });
  return Promise.race([work(signal), overdue.promise]);
}
