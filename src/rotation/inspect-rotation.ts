/** Looks into one rotation of a managed key: reads it from Paddle, has it judged, and does what the judgement says. */
import { z } from "zod";
import {
  foreignCountered,
  foreignOutrun,
  foreignPending,
  type Found,
  takeover,
} from "../alerts/inspect-messages.ts";
import { PaddleError } from "../core/errors.ts";
import {
  issuedRotations,
  lastIssuingIntent,
  newestCompleted,
  rotationsInSlots,
} from "../core/issued-rotations.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { KeyRotation } from "../core/paddle-key.ts";
import { refusedWork } from "../core/resume-work.ts";
import type { Outcome } from "../core/work.ts";
import { judgeRotation, type Judgement } from "./foreign.ts";
import { followPlatform } from "./inspect-platform.ts";
import type { Inspection } from "./inspection.ts";
import { platformInCharge } from "./platform-refusals.ts";

const LOOK_AGAIN_MS = 30_000;
const LOOK_FOR_MS = 10 * 60_000;
const COUNTER_EVERY_MS = 24 * 60 * 60_000;

const Countered = z.object({ rotationId: z.string(), at: z.number() });

export async function inspectRotation(inspection: Inspection, rotationId: string): Promise<Outcome> {
  const { key, work, paddle, hold, active } = inspection;
  // Most rotations are ours, and those cost no request.
  if ((await ourIds(inspection)).has(rotationId)) return ours(key, rotationId);
  await hold.lease.confirm();
  const isPlatforms = (await platformInCharge(key.store)) !== null;
  let rotation: KeyRotation;
  let all: readonly KeyRotation[];
  try {
    rotation = await paddle.getRotation(work.keyId, rotationId, active.secret);
    const needsAll = isPlatforms || rotation.status === "completed";
    all = needsAll ? await paddle.listRotations(work.keyId, active.secret) : [];
  } catch (error) {
    if (!(error instanceof PaddleError)) throw error;
    if (error.code === "invalid_token") return activeRefused(inspection);
    if (error.status === 404)
      return done("unknown-rotation", `Paddle knows no rotation ${rotationId} of ${key.name}.`);
    throw error;
  }
  if (isPlatforms) {
    const isDriven = await ourJobIssues(inspection);
    const followed = await followPlatform(inspection, { rotation, all, isDriven });
    if (followed) return followed;
  }
  const newest = rotation.status === "completed" ? newestCompleted(all) : null;
  // Read after Paddle's answer: what we complete, we have staged before.
  const known = await ourIds(inspection);
  const judgement = judgeRotation({
    rotation,
    ourIds: known,
    ourJobIssues: await ourJobIssues(inspection),
    newerIsOurs: newest !== null && known.has(newest.id),
    foreignRotation: key.policy.foreignRotation,
    counteredAlready: await counteredBeside(inspection, rotationId),
    waitedLongEnough: inspection.clock.now() - hold.journal.receivedAt >= LOOK_FOR_MS,
  });
  return act(inspection, rotation, judgement);
}

async function act(inspection: Inspection, rotation: KeyRotation, judgement: Judgement): Promise<Outcome> {
  const { key, work, clock, alerts, active } = inspection;
  const found: Found = { key, keyId: work.keyId, now: clock.now() };
  switch (judgement.do) {
    case "ours":
      return ours(key, rotation.id);
    case "note":
      if (judgement.because === "outrun") await alerts.raise(foreignOutrun(found, rotation));
      return done(judgement.because, `${rotation.id} of ${key.name} is not ours and is ${rotation.status}.`);
    case "look-again":
      return {
        kind: "wait",
        at: clock.now() + LOOK_AGAIN_MS,
        why: `${rotation.id} of ${key.name} is not known, and ${
          judgement.because === "our-job-issues"
            ? "a job of ours may have asked for it"
            : "Paddle does not say how it stands"
        }`,
      };
    case "alert-pending": {
      const whys = { pending: "pending", "countered-already": "again", "status-unknown": "unknown" } as const;
      await alerts.raise(foreignPending(found, rotation, whys[judgement.because]));
      return paged(`${rotation.id} of ${key.name} is somebody else's: a person was told.`);
    }
    case "counter":
      return counter(inspection, found, rotation);
    case "takeover":
      await alerts.raise(takeover(found, rotation, active));
      return paged(
        `Somebody else took over ${key.name} with ${rotation.id}: a person was told to revoke it.`,
      );
    default:
      return judgement satisfies never;
  }
}

/** Remembered before it is done: a crash in between counters never, or, run again, this very rotation once. */
async function counter(inspection: Inspection, found: Found, rotation: KeyRotation): Promise<Outcome> {
  const { key, work, records, queue, alerts, hold } = inspection;
  await hold.lease.confirm();
  await records.append(`countered-${work.keyId}`, { rotationId: rotation.id, at: found.now });
  await queue.put({
    job: "revoke-first",
    keyName: key.name,
    keyId: work.keyId,
    intent: { id: `counter-${rotation.id}`, kind: "foreign-rotation", requestedAt: found.now },
    eventId: work.eventId,
  });
  await alerts.raise(foreignCountered(found, rotation));
  return done(
    "countered",
    `${rotation.id} of ${key.name} is somebody else's: answered with a rotation without grace.`,
  );
}

/** The engine finds out why, and replaces the key if it must. */
export async function activeRefused({ key, work, queue, clock, active }: Inspection): Promise<Outcome> {
  const { slots } = await key.store.read();
  if (!slots.active?.secret.equals(active.secret))
    return {
      kind: "wait",
      at: clock.now() + LOOK_AGAIN_MS,
      why: `the slots in ${key.store.location} have changed`,
    };
  await queue.put(refusedWork({ keyName: key.name, keyId: work.keyId, slots }, clock.now()));
  return done("active-refused", `Paddle refuses the active secret of ${key.name}: a job finds out why.`);
}

async function ourIds({ key, work, records }: Inspection): Promise<ReadonlySet<string>> {
  const { slots } = await key.store.read();
  return new Set([...rotationsInSlots(slots), ...(await issuedRotations(records, work.keyId))]);
}

/** A job whose secret is active has its answer; one that waits for the end of a grace asks for nothing. */
async function ourJobIssues({ key, work, records, queue }: Inspection): Promise<boolean> {
  const { active, pending } = (await key.store.read()).slots;
  const intents = new Set([pending?.intentId, await lastIssuingIntent(records, work.keyId)]);
  for (const intent of intents)
    if (intent && intent !== active?.intentId && (await queue.isUnfinished(intent))) return true;
  return false;
}

/** Whether another rotation of this key was answered in the last 24 h. */
async function counteredBeside({ work, records, clock }: Inspection, rotationId: string): Promise<boolean> {
  const entries = await records.list(`countered-${work.keyId}`, { limit: 20 });
  return entries.some(({ value }) => {
    const countered = Countered.safeParse(value).data;
    return countered && countered.rotationId !== rotationId && clock.now() - countered.at < COUNTER_EVERY_MS;
  });
}

function ours(key: ManagedKey, rotationId: string): Outcome {
  return done("ours", `${rotationId} of ${key.name} is the rotator's own.`);
}

function paged(summary: string): Outcome {
  return { kind: "needs-person", summary };
}

export function done(result: string, summary: string): Outcome {
  return { kind: "done", result, summary };
}
