/** The words of alerts about keys that leaked, died or must be replaced. Public text; never secrets. */
import type { Alert, AlertKind } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { ApiKey } from "../core/paddle-key.ts";
import type { Journal } from "../core/ports.ts";
import type { IssuedSecret } from "../core/slots.ts";
import type { Work } from "../core/work.ts";
import { alert, bringAnotherKey, capital, DASHBOARD, of, time } from "./words.ts";

const DAY_MS = 24 * 60 * 60_000;

type Need = {
  /** What Paddle says of the key now; null or left out: it refuses the active secret. */
  readonly active?: ApiKey | null;
  readonly fingerprint?: string | null;
  readonly standbyFaults?: readonly string[];
  /** Until when a person can bring the key back; left out: they cannot. */
  readonly reactivableUntil?: number;
  readonly now: number;
};

/** Nothing that the rotator may do helps this key. One alert per incident, whoever finds it out again. */
export function needsAnotherKey(key: ManagedKey, work: Work, need: Need): Alert {
  const { kind, happened, urgent } = situationOf(key, work, need);
  const faults = need.standbyFaults ?? [];
  const standby =
    faults.length > 0 ? ` The standby cannot take its place: ${faults.join("; ")}.` : " There is no standby.";
  const wayBack =
    need.reactivableUntil === undefined
      ? ""
      : ` If it was revoked by mistake, reactivate it in ${DASHBOARD} until ${time(need.reactivableUntil)}: it then goes on by itself.`;
  return alert(kind, "critical", of(key, work), work.intent.id, need.now, {
    happened: happened + standby,
    action: `${urgent}${capital(bringAnotherKey(key))}.${wayBack}`,
  });
}

function situationOf(
  key: ManagedKey,
  work: Work,
  need: Need,
): { readonly kind: AlertKind; readonly happened: string; readonly urgent: string } {
  const where = `the key ${work.keyId} in ${key.store.location}`;
  const { active, fingerprint } = need;
  switch (work.intent.kind) {
    case "exposed":
    case "foreign-rotation":
      return {
        kind: "key-exposed",
        happened: `${key.name} is exposed, and ${active ? "it was made without rotation" : `Paddle refuses its secret ${fingerprint ?? ""}`.trim()}: ${where}.`,
        // A refused secret may be a thief's rotation: then the key lives, in other hands.
        urgent: `Now: revoke ${work.keyId} in ${DASHBOARD} unless it is revoked already. `,
      };
    case "expired":
    case "revoked":
      return {
        kind: `key-${work.intent.kind}`,
        happened: `${key.name} is dead: ${where} is ${work.intent.kind}. It cannot rotate itself any more.`,
        urgent: "",
      };
    case "expiring":
    case "scheduled":
    case "manual":
    case "resume":
      return active
        ? {
            kind: "not-rotatable",
            happened: `${key.name} cannot be rotated: ${where} was made without rotation, and that can't be changed${expiry(active, need.now)}.`,
            urgent: "",
          }
        : {
            kind: "key-lost",
            happened: `${key.name} is dead: Paddle accepts no secret in ${key.store.location}. The key was revoked, has expired, or somebody else rotated it.`,
            urgent: `Now: look at ${work.keyId} in ${DASHBOARD}. If it is still active and nobody of you rotated it, revoke it there. `,
          };
    default:
      return work.intent.kind satisfies never;
  }
}

function expiry({ expiresAt }: ApiKey, now: number): string {
  return expiresAt === null ? "" : `; it expires on ${time(expiresAt)}, ${left(expiresAt - now)}`;
}

function left(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? "in 1 day" : days > 1 ? `in ${days} days` : "in less than a day";
}

/** The end of what people were paged about. @param page the id of the page that is settled */
export function keyWorks(key: ManagedKey, keyId: string, page: string, now: number): Alert {
  const settled = alert("key-works", "info", { name: key.name, keyId }, "works", now, {
    happened: `${key.name} works again: Paddle accepts its secret in ${key.store.location}.`,
    action: null,
  });
  return { ...settled, id: `${page}-over` };
}

/** The end of an exposure: what happened, and what is left to do. */
export function exposureHandled(
  key: ManagedKey,
  work: Work,
  { facts }: Pick<Journal, "facts">,
  now: number,
): Alert {
  const deadAt = facts["formerDied"]?.at ?? time(now);
  return alert("exposure-handled", "warning", of(key, work), work.intent.id, now, {
    happened: `${key.name} was exposed at ${time(work.intent.requestedAt)}. The exposed secret is dead since ${deadAt}; ${key.store.location} holds a new one.`,
    action: `Restart or reload the applications that still hold the dead secret, and look in ${DASHBOARD} and your logs for what was done with it.`,
  });
}

/** The key is due, and nothing rotates it before somebody has dealt with its exposure. */
export function exposureBlocks(
  key: ManagedKey,
  work: Work,
  exposure: { readonly intentId: string; readonly occurredAt: number },
  now: number,
): Alert {
  return alert("exposure-still-open", "critical", of(key, work), exposure.intentId, now, {
    happened: `${key.name} is due for rotation, and its exposure of ${time(exposure.occurredAt)} is still open: nothing rotates it until that is dealt with.`,
    action: key.standbyOf
      ? `${capital(bringAnotherKey(key))}.`
      : `Run \`npm run rotator -- rotate ${key.name} --revoke-first\`, or ${bringAnotherKey(key)}.`,
  });
}

export function tooManyRevokeFirsts(key: ManagedKey, work: Work, now: number): Alert {
  return alert("too-many-revoke-firsts", "critical", of(key, work), work.intent.id, now, {
    happened: `${key.name} was exposed again after ${key.policy.revokeFirstsPerHour} rotations within an hour: its new secrets leak too.`,
    action: `Find the leak first. Revoke ${work.keyId} in ${DASHBOARD} if it is used by others; then, an hour after the last of them, run \`npm run rotator -- rotate ${key.name} --revoke-first\`, or ${bringAnotherKey(key)}.`,
  });
}

/** @param used.livesOn the former key still works beside it, and a person will be asked to end it */
export function standbyUsed(
  key: ManagedKey,
  work: Work,
  used: { readonly standby: IssuedSecret; readonly livesOn: boolean },
  now: number,
): Alert {
  const fingerprint = used.standby.secret.fingerprint();
  const { kind } = work.intent;
  const isReportedDead = kind === "expired" || kind === "revoked";
  // Paddle refuses what we held, and nobody said why: it may live in a thief's hands.
  const isUnexplained = !used.livesOn && !isReportedDead;
  const severity = isUnexplained && kind !== "exposed" ? "critical" : "warning";
  const look = isUnexplained
    ? `Now: look at ${work.keyId} in ${DASHBOARD} and revoke it unless it is revoked already. `
    : "";
  return alert("standby-used", severity, of(key, work), fingerprint.slice("sha256:".length), now, {
    happened: `${key.name} could not rotate itself (${kind}): its standby ${fingerprint} took its place.`,
    action: `${look}Restart or reload the applications that still hold the former key, and put a new standby beside it: a rotatable key with the same permissions from ${DASHBOARD}.`,
  });
}

export function formerStillUsed(key: ManagedKey, work: Work, lastUsedAt: number, now: number): Alert {
  return alert("former-key-still-used", "warning", of(key, work), time(lastUsedAt).slice(0, 13), now, {
    happened: `Somebody still uses ${work.keyId}, the former key of ${key.name}: last at ${time(lastUsedAt)}, to the hour.`,
    action:
      "Find the application that was not switched over and restart it, before the former key is revoked.",
  });
}

/** An event about the standby of a key, which lies in the key's own store and cannot be rotated there. */
export function standbyInTrouble(key: ManagedKey, work: Work, now: number): Alert {
  const { kind } = work.intent;
  const severity = kind === "exposed" ? "critical" : "warning";
  const revoke =
    kind === "exposed" ? `Now: revoke ${work.keyId} in ${DASHBOARD} unless Paddle has done so. ` : "";
  return alert("standby-in-trouble", severity, of(key, work), work.intent.id, now, {
    happened: `The standby of ${key.name}, ${work.keyId} in ${key.store.location}, is ${kind}.`,
    action: `${revoke}Put a new standby in its place: a rotatable key with the same permissions. In a store of its own (\`standby: { store: … }\`) it is rotated like any other key.`,
  });
}
