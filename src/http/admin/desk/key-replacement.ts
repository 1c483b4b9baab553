/**
 * A person hands over another key to take the place of the one in use. It is checked first, with the answer in the
 * same response; then it goes straight into the standby slot, and a job without any secret puts it to use. Handing
 * over the same key again is always safe.
 */
import { randomUUID } from "node:crypto";
import type { ManagedKey } from "../../../core/managed-key.ts";
import { identify } from "../../../core/paddle-key.ts";
import type { Secret } from "../../../core/secret.ts";
import { activeKeyId, type IssuedSecret, type Slots, unknownOrigin } from "../../../core/slots.ts";
import { type Fault, OVERRIDABLE } from "../../../rotation/candidate.ts";
import { replacementRefused } from "../../../rotation/platform-refusals.ts";
import { type Check, checkCandidate } from "./key-candidate.ts";
import type { FaultView, Queued, Refusal } from "./key-answers.ts";
import type { Look, Neighbours } from "./key-neighbours.ts";
import { keysHeld } from "./keys-held.ts";

const WRITE_ATTEMPTS = 5;
/** How the intents of replacements by a person begin. */
const HANDED_OVER = "manual-";
const UNCHANGED = "Nothing was changed.";

export type ReplacementRequest = {
  readonly candidate: Secret;
  /** Accepts faults that may be overridden. */
  readonly force: boolean;
  /** Who asks, in words for the log. */
  readonly askedBy: string;
};

export type ReplacementAnswer =
  | (Queued & { readonly notes: readonly string[] })
  /** It is in use already. */
  | { readonly kind: "done-already"; readonly notes: readonly string[] }
  | Refusal;

export async function requestReplacement(
  key: ManagedKey,
  others: readonly ManagedKey[],
  request: ReplacementRequest,
  neighbours: Neighbours,
): Promise<ReplacementAnswer> {
  const { candidate } = request;
  let look: Look;
  let check: Check;
  try {
    look = await neighbours.read(key);
    if (isActive(candidate, look.slots)) return inUse(key);
    const platform = await neighbours.platform(key);
    if (platform) return { kind: "not-now", why: replacementRefused(platform) };
    const holders = await keysHeld(key, look.slots, others, neighbours);
    check = await checkCandidate(candidate, look.slots, holders, neighbours);
  } catch (error) {
    const why = neighbours.tell(key, "The new key could not be checked", error);
    return { kind: "unavailable", why: `${why}. ${UNCHANGED}` };
  }
  const standing = check.faults.filter(({ kind }) => !(request.force && OVERRIDABLE.includes(kind)));
  if (standing.length > 0) return { kind: "rejected", faults: standing.map(view), notes: check.notes };
  const overridden = check.faults.map(({ says }) => `Accepted all the same, as you asked: ${says}`);

  const jobId = `${HANDED_OVER}${randomUUID()}`;
  const at = neighbours.clock.now();
  const kept = await keep(key, look, { candidate, jobId, at }, neighbours);
  if (kept.kind !== "kept") return kept;
  const notes = [...overridden, ...check.notes, ...kept.notes];
  return queue(key, look.slots, { ...request, jobId, at, notes }, neighbours);
}

type Kept = { readonly kind: "kept"; readonly notes: readonly string[] };

/** Writes the key to the standby slot, whatever else is written meanwhile; only another active key is in the way. */
async function keep(
  key: ManagedKey,
  judged: Look,
  { candidate, jobId, at }: { readonly candidate: Secret; readonly jobId: string; readonly at: number },
  neighbours: Neighbours,
): Promise<Kept | Exclude<ReplacementAnswer, Queued>> {
  let { slots, version } = judged;
  for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt += 1) {
    const standby = standbyOf(candidate, slots.standby, { jobId, at });
    if (standby === slots.standby) return { kind: "kept", notes: [] };
    try {
      const written = await neighbours.write(key, { ...slots, standby }, version);
      if (written === "written") return { kind: "kept", notes: noteOnFormerStandby(slots, candidate) };
      ({ slots, version } = await neighbours.read(key));
    } catch (error) {
      return { kind: "unavailable", why: notWritten(neighbours.tell(key, "The store failed", error)) };
    }
    if (isActive(candidate, slots)) return inUse(key);
    if (activeKeyId(slots) !== activeKeyId(judged.slots))
      return {
        kind: "not-now",
        why: `Another key became active in ${key.store.location} while this one was checked. Nothing was changed: look at /api/keys/${key.name} and ask again if it is still needed.`,
      };
  }
  return {
    kind: "unavailable",
    why: `The slots in ${key.store.location} keep changing. ${UNCHANGED} Ask again in a moment.`,
  };
}

async function queue(
  key: ManagedKey,
  slots: Slots,
  {
    candidate,
    askedBy,
    force,
    jobId,
    at,
    notes,
  }: ReplacementRequest & { jobId: string; at: number; notes: string[] },
  neighbours: Neighbours,
): Promise<ReplacementAnswer> {
  const newKeyId = identify(candidate)?.keyId ?? "";
  // Where the active secret carries no key id, or there is none, the work goes by the key that takes its place.
  const keyId = activeKeyId(slots) ?? newKeyId;
  const fingerprint = candidate.fingerprint();
  const intent = { id: jobId, kind: "manual", requestedAt: at } as const;
  try {
    await neighbours.put({ job: "replace", keyName: key.name, keyId, intent, eventId: null });
  } catch (error) {
    const why = neighbours.tell(key, "The queue did not take the job", error);
    return {
      kind: "unavailable",
      why: `${why}. The new key (${fingerprint}) is saved as the standby in ${key.store.location}, and nothing else was changed: hand the same key over again once the queue answers.`,
    };
  }
  neighbours.log.info(
    { keyName: key.name, keyId, newKeyId, fingerprint, jobId, askedBy, force },
    "replacement asked for",
  );
  return { kind: "queued", queue: "emergencies", jobId, notes };
}

function isActive(candidate: Secret, { active }: Slots): boolean {
  return active?.secret.equals(candidate) ?? false;
}

function inUse(key: ManagedKey): ReplacementAnswer & { kind: "done-already" } {
  return {
    kind: "done-already",
    notes: [`This is the active secret in ${key.store.location} already: nothing is left to do.`],
  };
}

/**
 * The note on the standby says that it was handed over for this job, so that in an exposure nobody takes it for one
 * that lay beside the exposed secret all along. One that did, because it was prepared there, keeps its note.
 */
function standbyOf(
  candidate: Secret,
  present: IssuedSecret | null,
  { jobId, at }: { readonly jobId: string; readonly at: number },
): IssuedSecret {
  if (!present?.secret.equals(candidate))
    return { ...unknownOrigin(candidate), issuedAt: at, intentId: jobId };
  return present.intentId?.startsWith(HANDED_OVER) ? { ...present, intentId: jobId } : present;
}

function noteOnFormerStandby({ standby }: Slots, candidate: Secret): string[] {
  if (!standby || standby.secret.equals(candidate)) return [];
  const which = identify(standby.secret)?.keyId ?? standby.secret.fingerprint();
  return [
    `It took the place of the standby ${which}: revoke that key in Paddle > Developer tools > Authentication unless you keep it elsewhere.`,
  ];
}

function notWritten(why: string): string {
  return `${why}. The new key may be saved as the standby all the same, and nothing else was changed: handing the same key over again is safe.`;
}

function view({ kind, says }: Fault): FaultView {
  return { kind, says, overridable: OVERRIDABLE.includes(kind) };
}
