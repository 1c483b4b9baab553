/**
 * Whether consumers may be given the former secret back, as a pure decision. A rollback buys time, no more: the death
 * of the old secret cannot be called off, so it ends a little before that by itself.
 */
import { formatDuration } from "../core/duration.ts";
import { keyIdOf, type OldSecret, type Slots } from "../core/slots.ts";
import { ROLLBACK_MARGIN_MS } from "./next-step.ts";
import { rollbackRefused } from "./platform-refusals.ts";

/** A rollback that would end sooner than this helps nobody. */
const WORTHWHILE_MS = 60_000;

export type RollbackQuestion = {
  readonly slots: Slots;
  /** An exposure of this key is open, or would be if the old secret were active again. */
  readonly exposureOpen: boolean;
  /** What Paddle said when it was asked with the old secret, under the slots' present version. */
  readonly old: "accepted" | "refused" | "not-asked";
  readonly now: number;
  /** The platform that rotates the key itself; left out or null: none does. */
  readonly platform?: string | null;
};

export type RollbackVerdict =
  | { readonly go: true }
  | { readonly ask: "old" }
  /** Why not, and what to do instead. */
  | { readonly refused: string };

export function judgeRollback(question: RollbackQuestion): RollbackVerdict {
  const { slots, exposureOpen, old, now, platform = null } = question;
  if (platform !== null) return { refused: rollbackRefused(platform) };
  const obstacle = inTheStore(slots, exposureOpen) ?? inTime(slots.old, now);
  if (obstacle !== null) return { refused: obstacle };
  if (old === "not-asked") return { ask: "old" };
  return old === "accepted" ? { go: true } : { refused: DEAD };
}

/** When the newer secret comes back, in epoch milliseconds; null: it is not known when the old one dies. */
export function endOfRollback(old: Pick<OldSecret, "until">): number | null {
  return old.until === null ? null : old.until - ROLLBACK_MARGIN_MS;
}

function inTheStore({ active, old, pending, rolledBack }: Slots, exposureOpen: boolean): string | null {
  if (exposureOpen)
    return "The old secret may have leaked: an exposure of this key is not over for it. Mend the applications so that they use the new one.";
  if (pending)
    return "A new secret is staged, and its use decides how long the others live. Wait until it is promoted, then ask again.";
  if (!active) return "There is no active secret to roll back from. Put a secret of a Paddle API key there.";
  if (rolledBack)
    return "It is rolled back already, and can't go further back. Mend the applications before the newer secret returns.";
  if (!old)
    return "There is no old secret to go back to: its grace is over. Mend the applications, or rotate the key once more.";
  if (keyIdOf(old) === null || keyIdOf(old) !== keyIdOf(active))
    return "The old secret belongs to another key, so this is no rollback but a replacement: hand that key over as one (`npm run rotator -- replace`).";
  return null;
}

function inTime(old: OldSecret | null, now: number): string | null {
  if (!old) return null;
  if (old.until === null)
    return "It is not known when the old secret dies, so a rollback could not end in time. Mend the applications, or rotate the key once more.";
  const left = old.until - now;
  if (left > ROLLBACK_MARGIN_MS + WORTHWHILE_MS) return null;
  const when = left > 0 ? `in ${formatDuration(left)}` : "now";
  return `The old secret dies ${when}, and a rollback would have to end ${formatDuration(ROLLBACK_MARGIN_MS)} before that. Mend the applications, or rotate the key once more.`;
}

const DEAD =
  "Paddle refuses the old secret: it is dead, and applications would have no key. Mend them, or rotate the key once more.";
