/**
 * What happens to a key that Paddle reports as exposed, expired or revoked: graceful work on an exposed key
 * stops, and a person is told what only a person can do.
 */
import { keyEnded, keyExposed } from "../alerts/messages.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import { activeKeyId } from "../core/slots.ts";
import type { Outcome, Work } from "../core/work.ts";
import { rememberExposure } from "./exposures.ts";
import type { RotateDeps } from "./rotate.ts";

/** `key`: the managed key whose store holds this key; null: no store does. */
export async function pageExposure(work: Work, key: ManagedKey | null, deps: RotateDeps): Promise<Outcome> {
  await rememberExposure(deps.records, work.keyId, work.intent.requestedAt);
  await deps.alerts.raise(keyExposed(key, work, deps.clock.now()));
  return {
    kind: "needs-person",
    summary: `${key?.name ?? work.keyId} is exposed: a person was told to replace it.`,
  };
}

export async function pageEndedKey(
  work: Work,
  how: "expired" | "revoked",
  key: ManagedKey | null,
  deps: RotateDeps,
): Promise<Outcome> {
  const inUse = key !== null && activeKeyId((await key.store.read()).slots) === work.keyId;
  await deps.alerts.raise(keyEnded(key, work, how, inUse, deps.clock.now()));
  return inUse
    ? { kind: "needs-person", summary: `${key.name} is ${how}: a person was told to replace it.` }
    : { kind: "done", result: "noted", summary: `${work.keyId} is ${how}, and it is nobody's active key.` };
}
