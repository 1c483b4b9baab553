/** What a run tells people in the job's log and in its result. */
import type { Slots } from "../core/slots.ts";
import type { DoneResult, Step } from "./situation.ts";
import type { Run } from "./steps.ts";

export function waitSummary(wait: Extract<Step, { step: "wait" }>, slots: Slots): string {
  const again = `looking again at ${new Date(wait.at).toISOString()}`;
  const old = slots.old?.secret.fingerprint() ?? "(none)";
  switch (wait.because) {
    case "old-in-grace":
      return `The old secret ${old} is in its grace; ${again}.`;
    case "old-dies-soon":
      return `Paddle still accepts the old secret ${old} at the end of its grace; ${again}.`;
    case "old-outlives-grace":
      return `Paddle still accepts the old secret ${old} after its grace; alerted, ${again}.`;
    case "exposed-lives":
      return `Paddle still accepts the exposed secret ${old}; alerted, ${again}.`;
    case "rolled-back":
      return `Rolled back to the older secret; the newer one comes back at ${new Date(wait.at).toISOString()}.`;
    case "outside-window":
      return `It is due, and its window opens at ${new Date(wait.at).toISOString()}.`;
    case "overlap":
      return `The former key lives beside the new one; ${again}.`;
    case "former-not-revoked":
      return `The former key can be revoked now, and a person was asked to; ${again}.`;
    case "may-be-reactivated":
      return `The key was revoked and there is no standby; a person was told, and it may be brought back; ${again}.`;
    case "consumers-lag":
      return `Not every consumer uses the new secret yet; ${again}.`;
    case "platform-rotates":
      return `The platform of the store rotates the key; ${again}.`;
    case "platform-stuck":
      return `The platform of the store does not finish its rotation; a person was told how to free it; ${again}.`;
    case "platform-needs-key":
      return `The store needs another key, and a person was asked to put it there; ${again}.`;
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
    case "switched":
      return `${key.name} uses another key now in the place of ${work.keyId}: ${active} is active.`;
    case "gave-way":
      return `An exposure of ${key.name} is open and goes first: this rotation stands down.`;
    case "reactivated":
      return `Paddle accepts ${work.keyId} again: ${key.name} goes on as before.`;
    case "nothing-left":
      return `${key.name}: ${active} is active and works, and nothing is in flight.`;
    case "followed":
      return `${key.store.platform?.name ?? "The platform"} rotated ${key.name} by itself: ${active} is active and the old secret is dead.`;
    default:
      return result satisfies never;
  }
}
