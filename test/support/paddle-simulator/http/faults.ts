/** What can go wrong between a request and its answer, chosen by the test. */
import type { ErrorCode } from "../api/api-error.ts";
import type { RequestView } from "./request-log.ts";

export type Mishap =
  /** Paddle answers with an error; nothing happens. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: ErrorCode;
      /** Seconds. */
      readonly retryAfter?: number;
    }
  /** The request waits, in real time, and then has its effect even if nobody listens to the answer any more. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The connection breaks before anything happens. */
  | { readonly kind: "reset" }
  /** The effect happens; then the connection breaks. */
  | { readonly kind: "lose-response" };

export type Fault = {
  readonly when:
    | ((request: RequestView) => boolean)
    /** `path`: without the query; a text must be equal. */
    | { readonly method?: string; readonly path?: string | RegExp };
  /** How many requests it meets; left out: one. */
  readonly times?: number;
  readonly do: Mishap;
};

export type AddedFault = {
  /** How many requests it has met. */
  readonly hits: number;
  remove(): void;
};

export class Faults {
  readonly #added = new Set<{ readonly fault: Fault; hits: number }>();

  add(fault: Fault): AddedFault {
    const added = { fault, hits: 0 };
    this.#added.add(added);
    return {
      get hits() {
        return added.hits;
      },
      remove: () => this.#added.delete(added),
    };
  }

  /** What befalls this request: the fault that was added first wins; null: nothing. */
  meet(request: RequestView): Mishap | null {
    for (const added of this.#added) {
      if (added.hits >= (added.fault.times ?? 1) || !matches(added.fault.when, request)) continue;
      added.hits += 1;
      return added.fault.do;
    }
    return null;
  }
}

function matches(when: Fault["when"], request: RequestView): boolean {
  if (typeof when === "function") return when(request);
  const { method, path } = when;
  if (method !== undefined && method !== request.method) return false;
  const pathname = request.path.split("?", 1)[0] ?? "";
  return path === undefined || (typeof path === "string" ? path === pathname : path.test(pathname));
}
