/** A person or a program asks for a rotation of the key that the store has as active now. */
import { randomUUID } from "node:crypto";
import type { ManagedKey } from "../../../core/managed-key.ts";
import { activeKeyId, type Slots } from "../../../core/slots.ts";
import type { Queued, Refusal } from "./key-answers.ts";
import type { Neighbours } from "./key-neighbours.ts";
import { jobPage } from "../queues/dashboard.ts";

export type RotationRequest = {
  /** `revoke-first`: the old secret dies before anybody gets the new one. Left out: graceful. */
  readonly mode?: "graceful" | "revoke-first";
  /** 0 to 86,400; left out: the key's own grace. A revoke-first rotation has none. */
  readonly graceSeconds?: number | undefined;
  /** Who asks, in words for the log. */
  readonly askedBy: string;
};

export type RotationAnswer = Queued | Exclude<Refusal, { kind: "rejected" }>;

export async function requestRotation(
  key: ManagedKey,
  request: RotationRequest,
  neighbours: Neighbours,
): Promise<RotationAnswer> {
  const { mode = "graceful", graceSeconds, askedBy } = request;
  let slots: Slots;
  try {
    ({ slots } = await neighbours.read(key));
  } catch (error) {
    return { kind: "unavailable", why: neighbours.tell(key, "The store could not be read", error) };
  }
  const keyId = activeKeyId(slots);
  if (keyId === null) return { kind: "not-now", why: whyNot(key, slots) };
  const jobId = `manual-${randomUUID()}`;
  const { job, queue } = JOBS[mode];
  try {
    await neighbours.put({
      job,
      keyName: key.name,
      keyId,
      intent: { id: jobId, kind: "manual", requestedAt: neighbours.clock.now() },
      eventId: null,
      ...(graceSeconds !== undefined && { graceSeconds }),
    });
  } catch (error) {
    const why = neighbours.tell(key, "The queue did not take the job", error);
    return {
      kind: "unavailable",
      why: `${why}; it may have the job all the same: look at ${jobPage(queue, jobId)} before you ask again.`,
    };
  }
  neighbours.log.info({ keyName: key.name, keyId, jobId, askedBy, mode, graceSeconds }, "rotation asked for");
  return { kind: "queued", queue, jobId };
}

const JOBS = {
  graceful: { job: "rotate", queue: "rotations" },
  "revoke-first": { job: "revoke-first", queue: "emergencies" },
} as const;

function whyNot(key: ManagedKey, slots: Slots): string {
  const where = key.store.location;
  const bring = `Create a new rotatable key (Paddle > Developer tools > Authentication) and hand it over: \`npm run rotator -- replace ${key.name}\`.`;
  return slots.active
    ? `The active secret in ${where} carries no key id: it is a legacy key, which cannot be rotated, only replaced. ${bring}`
    : `${where} holds no active secret. ${bring}`;
}
