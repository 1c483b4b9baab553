/** Every check ends: after its time it has failed. What takes long is named on a terminal meanwhile. */
import { RotatorError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { describeError } from "../../core/public-error.ts";
import { waitWithin } from "../../core/wait-within.ts";
import { failed, type Finding } from "./finding.ts";

const LIMIT_MS = 20_000;
/** What ends within this time needs no word about it. */
const SILENT_MS = 1_000;

export type Bounds = {
  readonly clock: Clock;
  /** Is told what is waited for; null: nobody watches. */
  readonly tell: ((line: string) => void) | null;
};

export type Result<T> =
  { readonly done: true; readonly value: T } | { readonly done: false; readonly finding: Finding };

class Late extends Error {}

/**
 * @param about see Finding
 * @param doing what is done, e.g. `reading ./billing.env`
 * @returns why it failed instead of throwing
 */
export async function within<T>(
  { clock, tell }: Bounds,
  about: string,
  doing: string,
  work: () => Promise<T>,
  limitMs = LIMIT_MS,
): Promise<Result<T>> {
  const over = new AbortController();
  void clock.sleep(SILENT_MS, over.signal).then(
    () => tell?.(`${about}: ${doing} …`),
    () => {},
  );
  try {
    const late = () => new Late(`${doing} took longer than ${limitMs / 1000} s`);
    return { done: true, value: await waitWithin(clock, limitMs, work(), late) };
  } catch (error) {
    if (error instanceof Late)
      return {
        done: false,
        finding: failed(about, error.message, "look whether it can be reached from here, and try again"),
      };
    const says = error instanceof RotatorError ? error.message : `${doing} failed: ${describeError(error)}`;
    return { done: false, finding: failed(about, says, null) };
  } finally {
    over.abort();
  }
}
