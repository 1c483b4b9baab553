/** Pages about a key that only a person can mend: each is an incident, which ends when the key works again. */
import { keyWorks } from "../alerts/emergency-messages.ts";
import { callOff, tellOnce, tellStage } from "../alerts/incidents.ts";
import type { Alert } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { DoneResult, WaitReason } from "./situation.ts";
import type { Run } from "./steps.ts";

/** More than people are paged about one key before somebody acts. */
const REMEMBERED = 20;

/** Ends and waits in which the key was seen to work. */
const WORKS: ReadonlySet<DoneResult | WaitReason> = new Set([
  "rotated",
  "switched",
  "followed",
  "reactivated",
  "old-in-grace",
  "overlap",
  "former-not-revoked",
]);

/** @param stage a word for what is not the last word yet: its page and the last one are one incident */
export async function page(run: Run, alert: Alert, stage: string | null = null): Promise<void> {
  // Before that: a crash in between leaves an end without a beginning, which nobody is told of.
  await run.records.append(listOf(run.key), alert.id);
  await (stage === null ? tellOnce(alert, run) : tellStage(alert, stage, run));
}

export async function endPagesIfItWorks(run: Run, state: DoneResult | WaitReason): Promise<void> {
  if (WORKS.has(state)) await endPages(run.key, run.work.keyId, run);
}

/** To be called when the key is known to work. */
export async function endPages(
  key: ManagedKey,
  keyId: string,
  { records, alerts, clock }: Pick<Run, "records" | "alerts" | "clock">,
): Promise<void> {
  const entries = await records.list(listOf(key), { limit: REMEMBERED });
  const incidents = new Set(entries.flatMap(({ value }) => (typeof value === "string" ? [value] : [])));
  for (const incident of incidents)
    await callOff(incident, keyWorks(key, keyId, incident, clock.now()), { records, alerts });
}

function listOf({ name }: ManagedKey): string {
  return `pages-${name}`;
}
