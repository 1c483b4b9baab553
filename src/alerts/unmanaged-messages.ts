/** The words of alerts about keys that no configuration names. Nobody else may be watching them. */
import type { Alert } from "../core/alert.ts";
import type { Facts } from "../core/ports.ts";
import type { Work } from "../core/work.ts";
import { alert, DASHBOARD, time } from "./words.ts";

const of = ({ keyId }: Work) => ({ name: null, keyId });

/** @param nameless keys of the configuration whose secrets carry no key id: this may be one of them */
export function unmanagedExpiring(work: Work, nameless: readonly string[], now: number): Alert {
  const when = work.keyExpiresAt ? `on ${time(work.keyExpiresAt)}` : "soon";
  return alert("unmanaged-key-expiring", "warning", of(work), work.intent.id, now, {
    happened: `${work.keyId}, a key that is not known to be managed here, will expire ${when}.${maybe(nameless)}`,
    action:
      nameless.length === 0
        ? `Add it to the configuration, or replace it by hand in ${DASHBOARD}.`
        : `Look at it in ${DASHBOARD}. ${replace(nameless)} Else add it to the configuration, or replace it by hand.`,
  });
}

export function unmanagedExposed(work: Work, now: number): Alert {
  return alert("key-exposed", "critical", of(work), work.intent.id, now, {
    happened: `The secret of ${work.keyId}, a key that no store of ours holds, was found in public.`,
    action: `Now: revoke ${work.keyId} in ${DASHBOARD} unless Paddle has done so, and replace it in the applications that use it.`,
  });
}

/** @param nameless see unmanagedExpiring */
export function unmanagedEnded(work: Work, nameless: readonly string[], now: number): Alert {
  const how = work.intent.kind === "expired" ? "has expired" : "was revoked";
  // Then applications may be failing.
  const severity = nameless.length === 0 ? "warning" : "critical";
  return alert("unmanaged-key-ended", severity, of(work), work.intent.id, now, {
    happened: `${work.keyId}, a key that no store of ours is known to hold, ${how}.${maybe(nameless)}`,
    action:
      nameless.length === 0
        ? "If an application uses it, replace it there; else nothing."
        : `Now: look at it in ${DASHBOARD}. ${replace(nameless)} Else, if an application uses it, replace it there.`,
  });
}

/** @param facts what the job had done when its key left the configuration */
export function keyRemoved(work: Work, name: string, facts: Facts, now: number): Alert {
  const last = Object.values(facts)
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .at(-1);
  // The secret in the store dies with the grace, and nobody is about to put the new one there.
  const isUrgent = "activated" in facts && !("promoted" in facts);
  const about = { name, keyId: work.keyId };
  return alert("key-removed", isUrgent ? "critical" : "warning", about, work.intent.id, now, {
    happened:
      `${name} left the configuration while there was work about ${work.keyId}, which is not gone on with. ` +
      (last ? `The last that was done, at ${last.at}: ${last.says}` : "Nothing was done yet."),
    action:
      `${isUrgent ? "Now: put" : "Put"} ${name} back into rotator.yaml until its job is done, and restart the rotator. ` +
      "Or end it by hand: the store's active secret must be the newest one, the old and the pending one empty.",
  });
}

function maybe(nameless: readonly string[]): string {
  return nameless.length === 0
    ? ""
    : ` It may be a legacy key that is managed here: the secret of ${nameless.join(", ")} names no key.`;
}

function replace(nameless: readonly string[]): string {
  const commands = nameless.map((name) => `\`npm run rotator -- replace ${name}\``);
  return `If it is one of ours, create a new rotatable key and hand it over: ${commands.join(" or ")}.`;
}
