/** One pass through the records: what its steps know, and what each gives. */
import type { Logger } from "pino";
import type { ManagedKey } from "../../core/managed-key.ts";
import type { Clock, Forgetting, Records } from "../../core/ports.ts";

export type RetentionDeps = {
  readonly keys: readonly ManagedKey[];
  readonly records: Records & Forgetting;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long audit records are kept; null: for ever. */
  readonly auditMs: number | null;
  /** How long what steers nothing any more is remembered. Left out: 400 days. */
  readonly keptMs?: number;
};

/** What the steps of one pass know. */
export type Pass = RetentionDeps & {
  /** What is older than this may go, epoch milliseconds. */
  readonly before: number;
};

/** How many records and entries a pass has forgotten by now; a value for each small step. */
export type Forgotten = AsyncGenerator<number, void>;
