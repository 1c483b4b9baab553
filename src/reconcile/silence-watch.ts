/**
 * A sweep that fails says so; one that hangs, or is never begun, cannot. This watch runs beside the sweeps, on a clock
 * of its own, and speaks for them.
 */
import type { Logger } from "pino";
import { tellOnce } from "../alerts/incidents.ts";
import { sweepsFail } from "../alerts/reconcile-messages.ts";
import { describeError } from "../core/public-error.ts";
import { type SilenceDeps, silentSince } from "./silence.ts";

export type WatchDeps = SilenceDeps & {
  /** How often sweeps are made, and looked for. */
  readonly everyMs: number;
  readonly log: Logger;
};

/** Looks once in every interval until it is disposed of. Never throws: what it cannot tell people is in the log. */
export function watchForSilence(deps: WatchDeps): AsyncDisposable {
  const { clock, everyMs } = deps;
  const stopping = new AbortController();
  const startedAt = clock.now();
  const sleeps = (ms: number) =>
    clock.sleep(ms, stopping.signal).then(
      () => true,
      () => false,
    );
  const watching = (async () => {
    // The first look gives the sweep at the start its time: a service that stood still for a day is no silence.
    while (await sleeps(everyMs)) await look(startedAt, deps);
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await watching;
    },
  };
}

async function look(startedAt: number, deps: WatchDeps): Promise<void> {
  const { clock, records, silenceMs, everyMs, log } = deps;
  try {
    const since = await silentSince(startedAt, records);
    const now = clock.now();
    // One interval more: where sweeps do fail, they say why.
    if (now - since > silenceMs + everyMs) await tellOnce(sweepsFail(since, null, now), deps);
  } catch (error) {
    log.error({ reason: describeError(error) }, "nobody can be told whether sweeps still go well");
  }
}
