/** Looks after every managed key without a webhook: what is due or stuck becomes work, whatever is wrong is told. */
import type { Logger } from "pino";
import type { ManagedKey } from "../core/managed-key.ts";
import { describeError } from "../core/public-error.ts";
import { type CheckDeps, checkKey, type Reader } from "./key-check.ts";
import { takeTurn } from "./turns.ts";

const AT_ONCE = 5;
/** Of Paddle's requests, at the default share of 60 a minute and a sweep every 15 minutes: a third. */
const ASKED_PER_SWEEP = 300;

export type SweepDeps = CheckDeps & { readonly keys: readonly ManagedKey[]; readonly log: Logger };

export type SweepReport = {
  readonly keys: number;
  readonly asked: number;
  readonly put: number;
  /** What could not be looked at; the next sweep tries again. */
  readonly faults: readonly { readonly keyName: string; readonly reason: string }[];
  /** In the order of the configuration. */
  readonly readers: readonly Reader[];
};

/** A fault at one key never stops the others. Ends early, between two keys, when `signal` aborts. */
export async function sweep(deps: SweepDeps, signal?: AbortSignal): Promise<SweepReport> {
  const { keys, log, clock, everyMs } = deps;
  const asked = takeTurn(keys, ASKED_PER_SWEEP, clock.now(), everyMs);
  const readers = new Map<ManagedKey, Reader>();
  const faults: { keyName: string; reason: string }[] = [];
  let put = 0;
  const waiting = [...keys];
  const worker = async () => {
    for (let key = waiting.shift(); key && !signal?.aborted; key = waiting.shift()) {
      try {
        const checked = await checkKey(key, asked.has(key), deps);
        put += checked.put;
        if (checked.reader) readers.set(key, checked.reader);
      } catch (error) {
        const reason = describeError(error);
        faults.push({ keyName: key.name, reason });
        log.warn({ keyName: key.name, reason }, "this key could not be checked; the next sweep tries again");
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return {
    keys: keys.length,
    asked: asked.size,
    put,
    faults,
    readers: keys.flatMap((key) => readers.get(key) ?? []),
  };
}
