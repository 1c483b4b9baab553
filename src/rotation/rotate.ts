/**
 * One run of a job about a key: observe, decide, act, again, until there is an end or something to wait for.
 * The run remembers only what Paddle answered under the slots' present version; any change of the slots,
 * by anybody, makes it forget that and look anew, so a refusal is a verdict only while nothing has changed.
 */
import { knownOrigins } from "../core/issued-rotations.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { JobHold, Version } from "../core/ports.ts";
import type { Slots } from "../core/slots.ts";
import type { Outcome, Work } from "../core/work.ts";
import { countRevokeFirsts, isExposureOpen, latestExposure } from "./exposures.ts";
import { perform } from "./perform.ts";
import type { Answers, Decide, Situation } from "./situation.ts";
import type { Read, RotationPorts, Run } from "./steps.ts";

/** A rotation has fewer than fifteen steps; more in one run means that somebody keeps writing beside us. */
const STEPS_PER_RUN = 40;
const LOOK_AGAIN_MS = 60_000;

/** Runs a job as far as it goes now. Throws RotatorError if it should be tried again later. */
export async function rotate(
  work: Work,
  key: ManagedKey,
  hold: JobHold,
  { decide, ...ports }: RotationPorts & { readonly decide: Decide },
): Promise<Outcome> {
  const run: Run = { ...ports, work, key, hold };
  let answersTo: Version | null = null;
  let answers: Answers = {};
  let wasFilled = false;
  const withOrigins = knownOrigins(ports.records);
  for (let count = 0; count < STEPS_PER_RUN; count += 1) {
    const { slots, version } = await key.store.read();
    const read = { version, slots: await withOrigins(work.keyId, slots) };
    // What was here a moment ago has gone elsewhere: the next run finds it there.
    if (isEmpty(read.slots) && wasFilled) break;
    wasFilled = !isEmpty(read.slots);
    if (read.version !== answersTo) answers = {};
    answersTo = read.version;
    const step = decide(await observe(run, read, answers));
    const result = await perform(run, read, answers, step);
    if ("outcome" in result) return result.outcome;
    // The first use of the pending secret changes what Paddle thinks of the others.
    answers = result.learned.pending ? result.learned : { ...answers, ...result.learned };
  }
  return {
    kind: "wait",
    at: ports.clock.now() + LOOK_AGAIN_MS,
    why: `the slots in ${key.store.location} keep changing`,
  };
}

function isEmpty({ active, old, pending }: Slots): boolean {
  return !active && !old && !pending;
}

async function observe(
  { work, key, records, clock }: Run,
  { slots }: Read,
  answers: Answers,
): Promise<Situation> {
  const now = clock.now();
  return {
    now,
    keyId: work.keyId,
    intent: work.intent,
    warnedExpiryAt: work.keyExpiresAt ?? null,
    graceSeconds: work.graceSeconds ?? key.policy.graceSeconds,
    slots,
    answers,
    exposureOpen: isExposureOpen(await latestExposure(records, work.keyId), slots),
    policy: key.policy,
    standbyElsewhere: key.standbyStore !== null,
    consumerCount: key.consumers.length,
    checkCount: key.checks.length,
    recentRevokeFirsts: work.job === "revoke-first" ? await countRevokeFirsts(records, work.keyId, now) : 0,
  };
}
