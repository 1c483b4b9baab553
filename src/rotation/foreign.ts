/**
 * Judges one rotation of a managed key by what is true when it is handled, never by its id alone: our own lost
 * answer must not look like an attack, and an attack must not look like our own lost answer. Pure.
 */
import type { RotationPolicy } from "../core/managed-key.ts";
import type { KeyRotation } from "../core/paddle-key.ts";

export type ForeignSituation = {
  readonly rotation: KeyRotation;
  /** In the slots or the records, read after `rotation` was. */
  readonly ourIds: ReadonlySet<string>;
  /** A job of ours for this key is not finished and may have asked Paddle for a secret whose answer was lost. */
  readonly ourJobIssues: boolean;
  /** The active secret comes from a rotation that was completed after this one. */
  readonly newerIsOurs: boolean;
  readonly foreignRotation: RotationPolicy["foreignRotation"];
  /** This key's foreign rotations were answered with a rotation in the last 24 h. */
  readonly counteredAlready: boolean;
  /** This rotation has been looked at again for long enough. */
  readonly waitedLongEnough: boolean;
};

export type Judgement =
  | { readonly do: "ours" }
  /** `cancelled`: harmless, nobody can use its secret. `outrun`: it was used, and a rotation of ours came after it. */
  | { readonly do: "note"; readonly because: "cancelled" | "outrun" }
  | { readonly do: "look-again"; readonly because: "our-job-issues" | "status-unknown" }
  | { readonly do: "alert-pending"; readonly because: "pending" | "countered-already" | "status-unknown" }
  | { readonly do: "counter" }
  /** Somebody else holds the newest secret, and ours dies with its grace. */
  | { readonly do: "takeover" };

export function judgeRotation(situation: ForeignSituation): Judgement {
  const { rotation, ourIds, waitedLongEnough } = situation;
  if (ourIds.has(rotation.id)) return { do: "ours" };
  switch (rotation.status) {
    case "canceled":
      // So ends a rotation of ours whose answer was lost: the next one cancelled it.
      return { do: "note", because: "cancelled" };
    case "completed":
      // Never ours: what we did not stage we did not use.
      return situation.newerIsOurs ? { do: "note", because: "outrun" } : { do: "takeover" };
    case "pending":
      if (situation.ourJobIssues && !waitedLongEnough) return { do: "look-again", because: "our-job-issues" };
      return judgePending(situation);
    case "unknown":
      return waitedLongEnough
        ? { do: "alert-pending", because: "status-unknown" }
        : { do: "look-again", because: "status-unknown" };
    default:
      return rotation.status satisfies never;
  }
}

function judgePending({ foreignRotation, counteredAlready }: ForeignSituation): Judgement {
  if (foreignRotation === "alert") return { do: "alert-pending", because: "pending" };
  return counteredAlready ? { do: "alert-pending", because: "countered-already" } : { do: "counter" };
}
