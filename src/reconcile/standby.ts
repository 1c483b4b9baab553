/** Whether a standby would do if it were needed tonight. Pure. */
import type { StandbyFault } from "../alerts/standby-faults.ts";
import { type ApiKey, isGranted } from "../core/paddle-key.ts";
import type { KeyAnswer } from "../core/ports.ts";

export type StandbySituation = {
  readonly now: number;
  readonly renewBeforeMs: number;
  readonly activeKeyId: string;
  /** null: not known this time. */
  readonly activeKey: ApiKey | null;
  /** null: not known. */
  readonly standbyIssuedAt: number | null;
  /** null: its text names no key. */
  readonly standbyKeyId: string | null;
  /** null: it could not be asked, because its text names no key or the active one. */
  readonly answer: KeyAnswer | null;
};

/** The first thing that is wrong with it; null: nothing. */
export function standbyFault(situation: StandbySituation): StandbyFault | null {
  const { now, answer, standbyKeyId, renewBeforeMs } = situation;
  if (standbyKeyId === null) return { is: "legacy" };
  if (standbyKeyId === situation.activeKeyId) return { is: "same-key" };
  if (!answer) return null;
  if (!answer.accepted) return { is: "refused" };
  const { key } = answer;
  const { standbyIssuedAt: issuedAt } = situation;
  if (key.exposedAt !== null && (issuedAt === null || issuedAt < key.exposedAt)) return { is: "exposed" };
  if (!key.rotatable) return { is: "not-rotatable" };
  if (key.expiresAt !== null && key.expiresAt - now < renewBeforeMs)
    return { is: "expiring", at: key.expiresAt };
  const lacking = missing(situation.activeKey?.permissions ?? [], key.permissions);
  return lacking.length > 0 ? { is: "lacks", permissions: lacking } : null;
}

function missing(needed: readonly string[], held: readonly string[] | null): readonly string[] {
  return needed.filter((permission) => !isGranted(held, permission)).toSorted();
}
