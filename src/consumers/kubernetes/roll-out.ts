/**
 * Applications that run in a cluster and take the secret when they start. Each workload is marked with the switch-over,
 * on its pod template too, which makes its pods restart. The cluster remembers who was told: a mark that is there is
 * left alone, so telling again does no harm, also after a crash or a lost answer.
 */
import type { Consumer, Instance, Progress, SwitchOver } from "../../core/consumer.ts";
import type { Clock } from "../../core/ports.ts";
import { Caller, type Pace } from "../../kubernetes/caller.ts";
import type { Access } from "../../kubernetes/cluster.ts";
import { quoted } from "../../core/quoted.ts";
import { Platform } from "./platform.ts";
import { podOf, type SeenPod } from "./pods.ts";
import { minimalRole, type Target } from "./role.ts";
import { formerPods, labelOf, rolloutOf, type Workload } from "./workload.ts";

export type RollOutOptions = Access &
  Pick<Consumer, "name" | "refreshMs" | "timeoutMs"> & {
    readonly target: Target;
    /** So many workloads at a time; the next ones once the pods of all have been ready for the pause. null: all at once. */
    readonly batch: { readonly size: number; readonly pauseMs: number } | null;
  };

/** A workload, and those of its pods that matter. */
type Look = {
  readonly workload: Workload;
  readonly isComplete: boolean;
  readonly says: string;
  /** Those that hold the former secret or did not come back. */
  readonly late: readonly SeenPod[];
  /** When the last of its pods became ready, by the cluster's clock. */
  readonly readySinceMs: number;
};

const MOST_NAMED = 20;

/** @param pace what only tests change */
export function rollOutConsumer(
  options: RollOutOptions,
  { clock }: { readonly clock: Clock },
  pace: Partial<Pace> = {},
): Consumer {
  const { name, refreshMs, timeoutMs, target, batch } = options;
  const platform = new Platform(name, target, new Caller(options, clock, pace));
  return {
    name,
    refreshMs,
    timeoutMs,
    needs: minimalRole(name, target),

    async notify({ id }) {
      const { found, missing } = await platform.workloads();
      const untold = found.filter(({ told }) => told !== id);
      const told = found.filter((workload) => workload.told === id);
      const next =
        batch === null ? untold : await nextBatch(platform, { told, untold, id }, { ...batch, clock });
      let failed: unknown = missing;
      for (const workload of next)
        await platform.tell(workload, id).catch((error: unknown) => {
          failed ??= error;
        });
      if (failed !== null) throw failed;
      // Whoever joins later is told at the next look: it cannot be told apart from one that was always there.
      return "partly";
    },

    async observe({ id }) {
      const { found, missing } = await platform.workloads();
      if (missing) throw missing;
      const looks: Look[] = [];
      for (const workload of found) looks.push(await lookAt(platform, workload, id));
      return progressOf(looks, batch !== null);
    },
  };
}

/** Nobody, as long as one that was told has not rolled out, or its pods have not been ready for the pause. */
async function nextBatch(
  platform: Platform,
  { told, untold, id }: { told: readonly Workload[]; untold: readonly Workload[]; id: string },
  { size, pauseMs, clock }: { size: number; pauseMs: number; clock: Clock },
): Promise<readonly Workload[]> {
  if (untold.length === 0) return [];
  for (const workload of told) {
    const { isComplete, readySinceMs } = await lookAt(platform, workload, id);
    if (!isComplete || clock.now() < readySinceMs + pauseMs) return [];
  }
  return untold.slice(0, size);
}

async function lookAt(platform: Platform, workload: Workload, id: SwitchOver["id"]): Promise<Look> {
  const { isComplete, says } = rolloutOf(workload, id);
  const late: SeenPod[] = [];
  let [former, readySinceMs] = [0, 0];
  for await (const listed of platform.pods(workload)) {
    const pod = podOf(workload, listed, id);
    if (pod === null) continue;
    if (pod.is === "ready") readySinceMs = Math.max(readySinceMs, pod.sinceMs);
    else if (late.length < MOST_NAMED) late.push(pod);
    if (pod.is === "former") former += 1;
  }
  // A controller does not count pods that shut down, but those hold the former secret until they have ended.
  if (!isComplete || former === 0) return { workload, isComplete, says, late, readySinceMs };
  return { workload, isComplete: false, says: formerPods(former), late, readySinceMs };
}

function progressOf(looks: readonly Look[], inBatches: boolean): Progress {
  const complete = looks.filter(({ isComplete }) => isComplete).length;
  const workloads = looks.map(({ workload, isComplete, says }): Instance => {
    return { id: quoted(labelOf(workload)), state: isComplete ? "switched" : "lagging", says: quoted(says) };
  });
  const pods = looks
    .filter(({ isComplete }) => !isComplete)
    .flatMap(({ late }) => late.map(({ name, ...pod }) => ({ name, says: "says" in pod ? pod.says : null })));
  const unnamed = pods.length > MOST_NAMED ? "; not every pod that lags is named" : "";
  const batches = inBatches && complete < looks.length ? ", in batches" : "";
  return {
    state: complete === looks.length ? "proved" : "under-way",
    instances: [
      ...workloads,
      ...pods.slice(0, MOST_NAMED).map(({ name, says }): Instance => ({ id: name, state: "lagging", says })),
    ],
    says: `${complete} of ${looks.length === 1 ? "1 workload has" : `${looks.length} workloads have`} rolled out${batches}${unnamed}.`,
  };
}
