/**
 * What a decision is made from, and the steps it can name. Nothing that a job remembers takes part: only the slots,
 * the records of exposures and of what we issued, and what Paddle answered under the slots' present version.
 */
import type { RotationPolicy } from "../core/managed-key.ts";
import type { ApiKey, KeyRotation } from "../core/paddle-key.ts";
import type { PlatformState } from "../core/ports.ts";
import { keyIdOf, type IssuedSecret, type Mode, type Slots } from "../core/slots.ts";
import type { Intent } from "../core/work.ts";
import type { Fault } from "./candidate.ts";
import type { SwitchOverState } from "./switch-over-state.ts";
import type { CheckedState, FailedCheck } from "./checked-state.ts";

/** What Paddle said when it was asked with the secret of one slot. `at`: epoch milliseconds. */
export type Answer =
  { readonly accepted: true; readonly key: ApiKey; readonly at: number } | { readonly accepted: false };

/** What was learned since the slots last changed. Using the pending secret makes all else forgotten. */
export type Answers = {
  readonly active?: Answer;
  readonly old?: Answer;
  readonly pending?: Answer;
  readonly standby?: Answer;
  /** The rotation that issued the pending secret, read with the active one. */
  readonly pendingRotation?: KeyRotation | "active-refused";
  /** Rotations whose former secret should still live and is in no slot: somebody else has it. */
  readonly strangeGraces?: readonly KeyRotation[];
  /** The standby that lies in a store of its own; null: none does. */
  readonly standbyElsewhere?: IssuedSecret | null;
  /** What is wrong with the standby; empty: it may be used. */
  readonly standbyFaults?: readonly Fault[];
  /** What Paddle says of the standby; null: it refuses its secret. */
  readonly standbyKey?: ApiKey | null;
  /** Whether Paddle makes a new secret for the standby. */
  readonly standbyRotatable?: boolean;
  /** The key that was replaced, read with another one. */
  readonly former?: ApiKey | "unreadable";
  /** How far the consumers of the active secret are. */
  readonly switchOver?: SwitchOverState;
  /** What checks say of the active secret. */
  readonly checks?: CheckedState;
  /** Whether people were told of the rollback that is under way, or why a check could not begin one. */
  readonly rollback?: "told" | "refused";
  /** How far the platform is that rotates the key itself. */
  readonly platform?: PlatformState;
  /** The same, learned after Paddle had refused the active secret. */
  readonly platformWhileRefused?: PlatformState;
};

export type Situation = {
  readonly now: number;
  readonly keyId: string;
  readonly intent: Intent;
  /** The expiry that an `expiring` event warned of; null: the intent is about no expiry. */
  readonly warnedExpiryAt: number | null;
  /** The grace wanted by this intent, in seconds. */
  readonly graceSeconds: number;
  readonly slots: Slots;
  readonly answers: Answers;
  /** An exposure of this key waits to be dealt with. */
  readonly exposureOpen: boolean;
  readonly policy: Pick<RotationPolicy, "overlapMs" | "renewBeforeMs" | "revokeFirstsPerHour" | "window">;
  /** The standby may lie in a store of its own. */
  readonly standbyElsewhere: boolean;
  /** How many consumers use the key's secret. */
  readonly consumerCount: number;
  /** How many checks look at them. */
  readonly checkCount: number;
  /** Revoke-first rotations of this key within the last hour. */
  readonly recentRevokeFirsts: number;
};

export type DoneResult =
  | "rotated"
  | "met-already"
  | "stale"
  /** Another key is in use, and this job had nothing to do with it. */
  | "replaced"
  /** This job put another key in the place of its own. */
  | "switched"
  | "gave-way"
  /** The key that was reported dead works again. */
  | "reactivated"
  /** What was in flight has ended by other hands. */
  | "nothing-left"
  /** The platform rotated the key by itself, and its old secret is dead. */
  | "followed";

export type WaitReason =
  | "outside-window"
  | "old-in-grace"
  | "old-dies-soon"
  | "old-outlives-grace"
  | "exposed-lives"
  | "rolled-back"
  | "overlap"
  | "former-not-revoked"
  | "may-be-reactivated"
  | "consumers-lag"
  /** The rest concerns keys that their platform rotates: it is at work. */
  | "platform-rotates"
  /** A person must free it or finish it. */
  | "platform-stuck"
  /** A person must put another key there. */
  | "platform-needs-key";

export type PageReason =
  /** The key cannot rotate itself any more, or never could, and there is no standby. */
  "no-standby" | "standby-unfit" | "standby-leaked" | "too-many-revoke-firsts";

/** Which secret lives on as `old`, and until when. */
export type Former = { readonly slot: "active" | "old"; readonly until: number | null };

/** A secret that should be dead and is not. `strange`: one that is in no slot. */
export type Alarm = "active" | "old" | "standby" | "strange";

export type Step =
  | { readonly step: "done"; readonly result: DoneResult }
  | { readonly step: "ask"; readonly slot: "active" | "old" | "standby" }
  | { readonly step: "read-pending-rotation" }
  | { readonly step: "list-strange-graces" }
  | { readonly step: "activate" }
  /** People hear of `alarms` before consumers get the new secret. */
  | {
      readonly step: "promote";
      readonly former: Former | null;
      readonly alarms: readonly Alarm[];
    }
  | { readonly step: "put-back-old" }
  | { readonly step: "swap-forward" }
  | { readonly step: "retire" }
  /** `forced`: outside the key's window, because none opens in time before the expiry. */
  | {
      readonly step: "issue";
      readonly graceSeconds: number;
      readonly mode: Mode;
      readonly forced?: boolean;
    }
  | { readonly step: "find-standby" }
  | { readonly step: "check-standby"; readonly standby: IssuedSecret }
  /** The standby may have leaked together with the exposed secret: it is made new before its use. */
  | { readonly step: "renew-standby"; readonly standby: IssuedSecret }
  | { readonly step: "promote-standby"; readonly standby: IssuedSecret; readonly until: number | null }
  | { readonly step: "read-former" }
  /** Consumers are told of the active secret, and looked at. */
  | { readonly step: "roll-out" }
  | { readonly step: "look-at-checks" }
  /** A check failed: consumers get the former secret back, if that can be. */
  | { readonly step: "roll-back"; readonly check: FailedCheck }
  | { readonly step: "tell-roll-back" }
  | { readonly step: "look-at-platform" }
  | { readonly step: "ask-platform"; readonly graceSeconds: number }
  | { readonly step: "wait"; readonly at: number; readonly because: WaitReason }
  | { readonly step: "page"; readonly reason: PageReason };

/** An intent is met by a secret that was issued for it, or after it was asked for. */
export function isMet(intent: Intent, active: IssuedSecret | null): boolean {
  if (!active) return false;
  return active.intentId === intent.id || (active.issuedAt !== null && active.issuedAt >= intent.requestedAt);
}

/** An empty slot holds nothing that Paddle could accept, and a former key in `old` says nothing about this one. */
export function answerOf(slot: "active" | "old", { slots, answers, keyId }: Situation): Answer | undefined {
  const issued = slots[slot];
  if (!issued || (slot === "old" && keyIdOf(issued) !== keyId)) return { accepted: false };
  return answers[slot];
}

export function done(result: DoneResult): Step {
  return { step: "done", result };
}

/** One of the tables: nextStep, nextRevokeFirstStep, nextReplacementStep. */
export type Decide = (situation: Situation) => Step;
