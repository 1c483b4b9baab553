/** What is found out about an application by its checks. */

/** A check that failed and asks for a rollback. */
export type FailedCheck = {
  readonly name: string;
  /** What it said last. */
  readonly says: string;
  readonly switchOverId: string;
};

/** What was found out about the checks of the active secret. */
export type CheckedState = {
  /** null: no rollback is asked for. */
  readonly failed: FailedCheck | null;
  /** When the next look is due, epoch milliseconds; null: none is. */
  readonly nextAt: number | null;
};
