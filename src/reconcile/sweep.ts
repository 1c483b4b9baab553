/** Looks after every managed key without a webhook: what is due or stuck becomes work, whatever is wrong is told. */
import type { Logger } from "pino";
import { PaddleError } from "../core/errors.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import { describeError } from "../core/public-error.ts";
import { type CheckDeps, type Checked, checkKey, type Reader } from "./key-check.ts";
import { isOfTheKey, tellOfKey } from "./key-faults.ts";
import { takeTurn } from "./turns.ts";

const AT_ONCE = 5;
/** Of Paddle's requests, at the default share of 60 a minute and a sweep every 15 minutes: a third. */
const ASKED_PER_SWEEP = 300;

export type SweepDeps = CheckDeps & { readonly keys: readonly ManagedKey[]; readonly log: Logger };

/** Why a key could not be looked at; the next sweep tries again. */
export type KeyFault = { readonly keyName: string; readonly reason: string };

export type SweepReport = {
  readonly keys: number;
  readonly asked: number;
  readonly put: number;
  /** Paddle, the queue or the records could not be read: the sweep did not go well. */
  readonly faults: readonly KeyFault[];
  /** Faults of one key's own, of which people are told; the sweep went well all the same. */
  readonly broken: readonly KeyFault[];
  /** In the order of the configuration. */
  readonly readers: readonly Reader[];
};

/** `by`: whose fault it seems, seen from this key alone. */
type Failed = { readonly reason: string; readonly by: "key" | "paddle" | "world" };
type Look = { readonly checked: Checked } | Failed;

/** A fault at one key never stops the others. Ends early, between two keys, when `signal` aborts. */
export async function sweep(deps: SweepDeps, signal?: AbortSignal): Promise<SweepReport> {
  const { keys, log, clock, everyMs } = deps;
  const asked = takeTurn(keys, ASKED_PER_SWEEP, clock.now(), everyMs);
  const looks = new Map<ManagedKey, Look>();
  const waiting = [...keys];
  const worker = async () => {
    for (let key = waiting.shift(); key && !signal?.aborted; key = waiting.shift()) {
      const look = await lookAt(key, asked.has(key), deps);
      looks.set(key, look);
      if ("reason" in look)
        log.warn(
          { keyName: key.name, reason: look.reason },
          "this key could not be checked; the next sweep tries again",
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return reportOn(keys, looks, asked.size);
}

async function lookAt(key: ManagedKey, ask: boolean, deps: SweepDeps): Promise<Look> {
  try {
    const look = await check(key, ask, deps);
    await tellOfKey(key, "reason" in look ? look.reason : null, deps);
    return look;
  } catch (error) {
    return { reason: describeError(error), by: "world" };
  }
}

async function check(key: ManagedKey, ask: boolean, deps: SweepDeps): Promise<Look> {
  try {
    return { checked: await checkKey(key, ask, deps) };
  } catch (error) {
    if (!isOfTheKey(error)) throw error;
    return { reason: describeError(error), by: error instanceof PaddleError ? "paddle" : "key" };
  }
}

function reportOn(
  keys: readonly ManagedKey[],
  looks: ReadonlyMap<ManagedKey, Look>,
  asked: number,
): SweepReport {
  const checked = keys.flatMap((key) => {
    const look = looks.get(key);
    return look && "checked" in look ? look.checked : [];
  });
  const readers = checked.flatMap(({ reader }) => reader ?? []);
  // A fault is one key's own only where another key shows that the rest of the world is in order.
  const isTheSweeps = {
    world: true,
    paddle: readers.length === 0,
    key: checked.length === 0,
  } satisfies Record<Failed["by"], boolean>;
  const failed = keys.flatMap((key) => {
    const look = looks.get(key);
    return look && "by" in look ? [{ keyName: key.name, ...look }] : [];
  });
  const faults = failed.filter(({ by }) => isTheSweeps[by]).map(named);
  const broken = failed.filter(({ by }) => !isTheSweeps[by]).map(named);
  const put = checked.reduce((sum, { put: added }) => sum + added, 0);
  return { keys: keys.length, asked, put, faults, broken, readers };
}

function named({ keyName, reason }: KeyFault): KeyFault {
  return { keyName, reason };
}
