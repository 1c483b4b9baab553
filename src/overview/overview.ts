/**
 * What is known of every managed key at one moment: what its store holds, what Paddle last said, what is being done,
 * what is wrong, and what comes next. Gathered for people and metrics; public text, and it steers nothing.
 */
import type { Alert } from "../core/alert.ts";
import type { Due } from "../core/due.ts";
import type { JobView } from "../core/job-view.ts";
import type { RotationPolicy } from "../core/managed-key.ts";
import type { AuditRecord } from "../rotation/audit-record.ts";
import type { SeenKey } from "../rotation/seen-keys.ts";
import type { KeyView, SecretView, SwitchOverView } from "./key-view.ts";

/** All times are epoch milliseconds unless their type says otherwise. */
export type KeyOverview = {
  readonly view: KeyView;
  readonly policy: RotationPolicy;
  readonly consumers: readonly ConsumerTerms[];
  readonly checks: number;
  /** null: Paddle was not asked about the active key yet. */
  readonly paddle: SeenKey | null;
  /** When the active secret is rotated next by policy; null: never, or what that depends on is not known. */
  readonly due: Due | null;
  /** null: no consumer was told of the active secret, or the key has none. */
  readonly switchOver: SwitchOverView | null;
  readonly standby: StandbyOverview;
  /** Jobs without an end, and those that failed; newest first. */
  readonly jobs: readonly JobView[];
  /** Incidents that nobody called off; newest first. */
  readonly incidents: readonly OpenIncident[];
  /** What people were told lately; newest first. */
  readonly alerts: readonly Alert[];
  /** The newest audit record that changed the key's secret; null: none is among the newest records. */
  readonly lastRotation: AuditRecord | null;
};

/** How long a consumer may take to switch over. */
export type ConsumerTerms = { readonly name: string; readonly refreshMs: number; readonly timeoutMs: number };

export type StandbyOverview = {
  /** Where it lies; null: no standby is there. */
  readonly secret: SecretView | null;
  readonly location: string;
  /** What is wrong with it, in one word of the sweep; null: nothing that is known. */
  readonly fault: string | null;
};

export type OpenIncident = {
  /** The newest message about it. */
  readonly alert: Alert;
  /** When people were told first, as far as the alert log reaches back. */
  readonly since: number;
};

export type Overview = {
  /** When it was gathered. */
  readonly at: number;
  /** Another one whenever anything else in here is. */
  readonly version: string;
  /** In the order of the configuration. */
  readonly keys: readonly KeyOverview[];
  /** About no managed key: keys that nobody manages, the queue, webhooks, channels. */
  readonly incidents: readonly OpenIncident[];
  readonly alerts: readonly Alert[];
  /** What could not be read, in public words; the rest is as it was. Empty: nothing. */
  readonly faults: readonly string[];
};
