/** Which failed jobs wait for nobody any more: what they were to do was done by another one, or by a person. Pure. */
import type { Alert } from "../core/alert.ts";
import type { JobView } from "../core/job-view.ts";
import type { IntentKind } from "../core/work.ts";
import type { KeyView } from "./key-view.ts";

/** What a key that works again has settled, as in rotation/replacement.ts. */
const ENDED_BY_LIFE: ReadonlySet<IntentKind> = new Set(["expired", "revoked", "resume"]);

/** @param alerts about the key */
export function isSettled({ state, work }: JobView, view: KeyView, alerts: readonly Alert[]): boolean {
  const { name, keyId, active, old } = view;
  // Of a standby's job, the active secret says nothing.
  if (state !== "failed" || work.keyName !== name || keyId === null) return false;
  const { kind, requestedAt } = work.intent;
  if (work.keyId !== keyId) return true;
  if (ENDED_BY_LIFE.has(kind) && alerts.some((alert) => isReactivation(alert, keyId, requestedAt)))
    return true;
  const issuedAt = active?.issuedAt ?? null;
  const isNewer = issuedAt !== null && Date.parse(issuedAt) > requestedAt;
  // What was exposed may be the former secret, and live.
  return isNewer && (work.job !== "revoke-first" || old === null);
}

function isReactivation({ kind, keyId, raisedAt }: Alert, of: string, after: number): boolean {
  return kind === "key-reactivated" && keyId === of && raisedAt > after;
}
