/** The work that finishes what is in flight without a job, or finds out why Paddle refuses what we hold. Pure. */
import { type IssuedSecret, keyIdOf, type Slots } from "./slots.ts";
import type { JobName, Work } from "./work.ts";

const DAY_MS = 24 * 60 * 60_000;

export type InFlight = { readonly keyName: string; readonly keyId: string; readonly slots: Slots };

/**
 * Finishes what is in flight. It is asked for as of the newest secret's issue: once that secret is active the intent
 * is met, and nothing new is issued for it.
 */
export function resumeWork(inFlight: InFlight, now: number): Work {
  const { active, pending, old } = inFlight.slots;
  const issuedAts = [active, pending, old].flatMap((issued) => issued?.issuedAt ?? []);
  return resumed(inFlight, issuedAts.length > 0 ? Math.max(...issuedAts) : now);
}

/** Finds the secret that still lives, or replaces the key. No secret that was issued before now meets it. */
export function refusedWork(inFlight: InFlight, now: number): Work {
  const day = Math.floor(now / DAY_MS);
  const { keyId, slots } = inFlight;
  // Told again every day for as long as it lasts: a dead key in use is no matter to be told of once.
  return toWork(inFlight, { id: `refused-${keyId}-${held(slots)}-${day}`, job: jobFor(slots), keyId }, now);
}

/** The id is the same for as long as the slots are: several instances that find the same make one job. */
function resumed(inFlight: InFlight, requestedAt: number): Work {
  const { keyId, slots } = inFlight;
  const formerKeyId = slots.old && keyIdOf(slots.old);
  const overlaps = formerKeyId !== null && formerKeyId !== keyId;
  // A staged secret of another key is a standby that is made new before its use.
  const isReplacement = overlaps || (slots.pending !== null && keyIdOf(slots.pending) !== keyId);
  const subject = overlaps ? formerKeyId : keyId;
  const job = isReplacement ? "replace" : jobFor(slots);
  return toWork(inFlight, { id: `resume-${subject}-${held(slots)}`, job, keyId: subject }, requestedAt);
}

function toWork(
  { keyName }: InFlight,
  { id, job, keyId }: { readonly id: string; readonly job: JobName; readonly keyId: string },
  requestedAt: number,
): Work {
  return { job, keyName, keyId, intent: { id, kind: "resume", requestedAt }, eventId: null };
}

function held({ active, pending, old, rolledBack }: Slots): string {
  return [active, pending, old].map(shortPrint).join("-") + (rolledBack ? "-back" : "");
}

function jobFor(slots: Slots): JobName {
  return slots.pending?.mode === "revoke-first" ? "revoke-first" : "rotate";
}

/** BullMQ takes no colon in an id. */
function shortPrint(issued: IssuedSecret | null): string {
  return issued ? issued.secret.fingerprint().slice("sha256:".length) : "none";
}
