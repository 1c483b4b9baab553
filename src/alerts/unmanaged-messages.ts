/** The words of alerts about keys that no configuration names. Nobody else may be watching them. */
import type { Alert } from "../core/alert.ts";
import type { Work } from "../core/work.ts";
import { alert, DASHBOARD, time } from "./words.ts";

const of = ({ keyId }: Work) => ({ name: null, keyId });

export function unmanagedExpiring(work: Work, now: number): Alert {
  const when = work.keyExpiresAt ? `on ${time(work.keyExpiresAt)}` : "soon";
  return alert("unmanaged-key-expiring", "warning", of(work), work.intent.id, now, {
    happened: `${work.keyId}, a key that is not managed here, will expire ${when}.`,
    action: `Add it to the configuration, or replace it by hand in ${DASHBOARD}.`,
  });
}

export function unmanagedExposed(work: Work, now: number): Alert {
  return alert("key-exposed", "critical", of(work), work.intent.id, now, {
    happened: `The secret of ${work.keyId}, a key that no store of ours holds, was found in public.`,
    action: `Now: revoke ${work.keyId} in ${DASHBOARD} unless Paddle has done so, and replace it in the applications that use it.`,
  });
}

export function unmanagedEnded(work: Work, now: number): Alert {
  const how = work.intent.kind === "expired" ? "has expired" : "was revoked";
  return alert("unmanaged-key-ended", "warning", of(work), work.intent.id, now, {
    happened: `${work.keyId}, a key that no store of ours holds, ${how}.`,
    action: "If an application uses it, replace it there; else nothing.",
  });
}
