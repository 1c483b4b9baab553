/** What a run tells people in the job's log and in its result. */
import type { Slots } from "../core/slots.ts";
import type { DoneResult, Step } from "./next-step.ts";
import type { Run } from "./steps.ts";

export function waitSummary(wait: Extract<Step, { step: "wait" }>, slots: Slots): string {
  const at = new Date(wait.at).toISOString();
  const old = slots.old?.secret.fingerprint() ?? "(none)";
  switch (wait.because) {
    case "old-in-grace":
      return `The old secret ${old} is in its grace; looking again at ${at}.`;
    case "old-dies-soon":
      return `Paddle still accepts the old secret ${old} at the end of its grace; looking again at ${at}.`;
    case "old-outlives-grace":
      return `Paddle still accepts the old secret ${old} after its grace; alerted, looking again at ${at}.`;
    case "rolled-back":
      return `Rolled back to the older secret; the newer one comes back at ${at}.`;
    default:
      return wait.because satisfies never;
  }
}

export function doneSummary(result: DoneResult, { key, work }: Run, slots: Slots): string {
  const active = slots.active?.secret.fingerprint() ?? "(none)";
  switch (result) {
    case "rotated":
      return `${key.name} is rotated: ${active} is active and the old secret is dead.`;
    case "met-already":
      return `${key.name} has a secret issued after this was asked for (${active}): nothing left to do.`;
    case "stale":
      return `${key.name} has a later expiry than the one warned of: nothing left to do.`;
    case "replaced":
      return `${key.name} uses another key now; ${work.keyId} is no longer of interest.`;
    case "gave-way":
      return `An exposure of ${key.name} is open and goes first: this rotation stands down.`;
    default:
      return result satisfies never;
  }
}
