/** A person wants applications to have the former secret back for a while. */
import { randomUUID } from "node:crypto";
import { StoreError } from "../../../core/errors.ts";
import type { ManagedKey } from "../../../core/managed-key.ts";
import type { Alerts, Records } from "../../../core/ports.ts";
import { publicError } from "../../../core/public-error.ts";
import { activeKeyId, keyIdOf, type OldSecret, type Slots, swapBack } from "../../../core/slots.ts";
import { isExposureOpen } from "../../../rotation/exposures.ts";
import {
  askedRollback,
  explain,
  rememberAsked,
  type Rollback,
  tellAsked,
} from "../../../rotation/rollback-record.ts";
import { endOfRollback, judgeRollback } from "../../../rotation/rollback.ts";
import type { Queued, Refusal } from "./key-answers.ts";
import type { Look, Neighbours } from "./key-neighbours.ts";

const WRITE_ATTEMPTS = 4;

export type RollbackAnswer =
  | (Queued & { readonly endsAt: string; readonly explanation: string })
  | Exclude<Refusal, { kind: "rejected" }>;

export type RollbackDeps = {
  readonly neighbours: Neighbours;
  readonly records: Records;
  readonly alerts: Alerts;
  /** Who asks, in words for the log, the alert and the record. */
  readonly askedBy: string;
};

export async function requestRollback(key: ManagedKey, deps: RollbackDeps): Promise<RollbackAnswer> {
  const { neighbours, askedBy } = deps;
  let swapped: Swapped | Refused | "conflicts";
  try {
    swapped = await swap(key, deps);
  } catch (error) {
    const why = neighbours.tell(key, "The rollback failed", error);
    return { kind: "unavailable", why: `${why}. ${afterFailure(key, error)}` };
  }
  if (swapped === "conflicts") {
    const why = `The slots in ${key.store.location} keep changing. Nothing was changed: ask again in a moment.`;
    return { kind: "unavailable", why };
  }
  if ("refused" in swapped) return refuse(key, swapped, deps);
  return follow(key, { ...swapped, askedBy, at: neighbours.clock.now() }, deps);
}

type Swapped = Pick<Rollback, "older" | "newer" | "endsAt"> & { readonly slots: Slots };

type Refused = { readonly refused: string; readonly slots: Slots };

async function swap(key: ManagedKey, deps: RollbackDeps): Promise<Swapped | Refused | "conflicts"> {
  const { neighbours, records, askedBy } = deps;
  for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt += 1) {
    const { slots, version }: Look = await neighbours.read(key);
    const exposureOpen = await mayHaveLeaked(slots, neighbours);
    const platform = (await neighbours.platform(key))?.name ?? null;
    const judge = (old: OldAnswer | "not-asked") =>
      judgeRollback({
        slots,
        exposureOpen: exposureOpen || old === "leaked",
        old: old === "leaked" ? "accepted" : old,
        now: neighbours.clock.now(),
        platform,
      });
    let verdict = judge("not-asked");
    if ("ask" in verdict) verdict = judge(await ask(slots.old, neighbours));
    if ("refused" in verdict) return { refused: verdict.refused, slots };
    const { active, old } = slots;
    if (!active || !old) throw new Error("a rollback needs an active and an old secret");
    const rolled = swapBack(slots);
    await rememberAsked(records, active, { askedBy, at: neighbours.clock.now() });
    if ((await neighbours.write(key, rolled, version)) === "written")
      return { older: old, newer: active, endsAt: endOfRollback(old) ?? 0, slots: rolled };
  }
  return "conflicts";
}

/** Asked for twice: the process may have died before all that follows from the first time was done. */
async function refuse(
  key: ManagedKey,
  { refused, slots }: Refused,
  deps: RollbackDeps,
): Promise<RollbackAnswer> {
  const { active, old, rolledBack: isRolledBack } = slots;
  if (!isRolledBack || !active || !old) return { kind: "not-now", why: refused };
  const rollback = { slots, older: active, newer: old, endsAt: endOfRollback(old) ?? 0 };
  const { neighbours, records } = deps;
  const asked = await askedRollback(records, old).catch(() => null);
  const { askedBy, at } = asked ?? { askedBy: deps.askedBy, at: neighbours.clock.now() };
  const followed = await follow(key, { ...rollback, askedBy, at }, deps);
  return followed.kind === "queued" ? { kind: "not-now", why: refused } : followed;
}

/** Open for the active secret, or closed only because the old one is not in use any more. */
async function mayHaveLeaked(slots: Slots, neighbours: Neighbours): Promise<boolean> {
  const keyId = activeKeyId(slots);
  if (keyId === null) return false;
  const exposure = await neighbours.exposure(keyId);
  return isExposureOpen(exposure, slots) || isExposureOpen(exposure, { ...slots, active: slots.old });
}

/** `leaked`: Paddle accepts it, and found it in public. An exposure that is answered with a grace is in no records. */
type OldAnswer = "accepted" | "refused" | "leaked";

async function ask(old: OldSecret | null, neighbours: Neighbours): Promise<OldAnswer> {
  const keyId = old && keyIdOf(old);
  if (!old || !keyId) return "refused";
  const answer = await neighbours.ask(keyId, old.secret);
  if (!answer.accepted) return "refused";
  const { exposedAt } = answer.key;
  return exposedAt !== null && exposedAt >= (old.issuedAt ?? 0) ? "leaked" : "accepted";
}

/** The swap is made: now the job that ends it, and all who should know. One that fails keeps none of the others. */
async function follow(
  key: ManagedKey,
  swapped: Swapped & { readonly askedBy: string; readonly at: number },
  { neighbours, records, alerts }: RollbackDeps,
): Promise<RollbackAnswer> {
  const keyId = activeKeyId(swapped.slots) ?? "";
  const rollback: Omit<Rollback, "id"> = { ...swapped, keyName: key.name, keyId };
  const explanation = explain(key, rollback);
  const endsAt = new Date(swapped.endsAt).toISOString();
  const [job, ...told] = await Promise.allSettled([
    putResume(key, swapped.slots, neighbours),
    ...tellAsked(key, rollback, { records, alerts, log: neighbours.log }),
  ]);
  for (const one of told)
    if (one.status === "rejected")
      neighbours.log.error({ err: publicError(one.reason), keyName: key.name }, "rollback not told");
  if (job.status === "rejected") {
    const why = neighbours.tell(key, "The queue did not take the job", job.reason);
    return {
      kind: "unavailable",
      why: `It is rolled back, but: ${why}. ${explanation} For that a job is needed: once the queue answers, ask for the rollback again, which queues it.`,
    };
  }
  neighbours.log.info(
    { keyName: key.name, keyId, jobId: job.value, endsAt, askedBy: swapped.askedBy },
    "rolled back",
  );
  return { kind: "queued", queue: "rotations", jobId: job.value, endsAt, explanation };
}

/** The job that swaps forward in time. More than one do no harm. */
async function putResume(key: ManagedKey, slots: Slots, neighbours: Neighbours): Promise<string> {
  const jobId = `resume-${randomUUID()}`;
  await neighbours.put({
    job: "rotate",
    keyName: key.name,
    keyId: activeKeyId(slots) ?? "",
    intent: { id: jobId, kind: "resume", requestedAt: neighbours.clock.now() },
    eventId: null,
  });
  return jobId;
}

function afterFailure(key: ManagedKey, error: unknown): string {
  const mayHaveWritten = error instanceof StoreError && error.effect === "unknown";
  return mayHaveWritten
    ? `It may be rolled back all the same: look at /api/keys/${key.name}, and ask again.`
    : "Nothing was changed.";
}
