/** One processor per job name: finds the managed key that the work is about and runs what the job asks for. */
import { unmanagedExpiring } from "../alerts/messages.ts";
import type { JobHold, Processor } from "../core/ports.ts";
import type { JobName, Outcome, Work } from "../core/work.ts";
import { pageEndedKey, pageExposure } from "./emergency.ts";
import type { ManagedKeys } from "./managed-keys.ts";
import { rotate, type RotateDeps } from "./rotate.ts";

export type ProcessorDeps = RotateDeps & { readonly keys: ManagedKeys };

export function buildProcessors(deps: ProcessorDeps): Record<JobName, Processor> {
  return {
    rotate: (work, hold) => rotateIfManaged(work, hold, deps),
    "revoke-first": async (work) => pageExposure(work, await deps.keys.find(work.keyId), deps),
    replace: async (work) =>
      pageEndedKey(
        work,
        work.intent.kind === "expired" ? "expired" : "revoked",
        await deps.keys.find(work.keyId),
        deps,
      ),
  };
}

async function rotateIfManaged(work: Work, hold: JobHold, deps: ProcessorDeps): Promise<Outcome> {
  const key = await deps.keys.find(work.keyId);
  if (key) return rotate(work, key, hold, deps);
  if (work.keyName !== null) {
    const summary = `${work.keyName} uses another key now; ${work.keyId} is no longer of interest.`;
    return { kind: "done", result: "replaced", summary };
  }
  await deps.alerts.raise(unmanagedExpiring(work, deps.clock.now()));
  return {
    kind: "done",
    result: "not-managed",
    summary: `${work.keyId} is no key of the configuration; a person was told.`,
  };
}
