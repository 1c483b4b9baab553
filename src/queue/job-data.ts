/**
 * What is stored of a piece of work, and how it is read back. A job outlives the program that wrote it: delayed jobs
 * are read by the next release, and in a rolling restart old and new programs read each other's. Hence the version.
 *
 * A field that an older release may overlook needs no new version. Anything else does, also a new word in an old field;
 * then a job is given the lowest version that says all of it, and every version that was ever written is read.
 */
import { z } from "zod";
import { QueueError } from "../core/errors.ts";
import type { Facts } from "../core/ports.ts";
import type { IntentKind, Work } from "../core/work.ts";
import { isJobName } from "./names.ts";

const VERSION = 1;

const INTENTS = [
  "expiring",
  "scheduled",
  "manual",
  "exposed",
  "expired",
  "revoked",
  "foreign-rotation",
  "resume",
] as const satisfies readonly IntentKind[];

const Inspected = z.discriminatedUnion("what", [
  z.object({ what: z.literal("key"), event: z.enum(["created", "updated"]) }),
  z.object({ what: z.literal("rotation"), rotationId: z.string().min(1) }),
]);

const isoTime = z.iso.datetime().transform((text) => Date.parse(text));
const StoredWork = z.object({
  keyName: z.string().nullable(),
  keyId: z.string().min(1),
  intent: z.enum(INTENTS),
  eventId: z.string().nullable(),
  requestedAt: isoTime,
  keyExpiresAt: isoTime.nullable().optional(),
  keyExposedAt: isoTime.optional(),
  graceSeconds: z.number().int().nonnegative().optional(),
  inspected: Inspected.optional(),
});

const StoredFact = z.object({
  at: z.string(),
  says: z.string(),
  fingerprint: z.string().optional(),
  issuedAt: z.string().optional(),
});

/** Another release wrote this job, and only that or a newer one can read it. */
export class OtherReleaseError extends QueueError {
  constructor(fault: string) {
    super(`${fault}: run the release that wrote it, or a newer one; the job waits for it`, {
      effect: "none",
      retry: "later",
    });
  }
}

/** The stored form: times in ISO 8601, because people read it in the dashboard. */
export type JobData = z.input<typeof StoredWork> & {
  readonly v: typeof VERSION;
  /** Notes for people: what became true, and when. They never steer. */
  readonly facts: Facts;
};

export function toJobData(work: Work): JobData {
  const { keyName, keyId, intent, eventId, keyExpiresAt, keyExposedAt, graceSeconds, inspected } = work;
  return {
    v: VERSION,
    keyName,
    keyId,
    intent: intent.kind,
    eventId,
    requestedAt: toIso(intent.requestedAt),
    facts: {},
    ...(keyExpiresAt !== undefined && {
      keyExpiresAt: keyExpiresAt === null ? null : toIso(keyExpiresAt),
    }),
    ...(keyExposedAt !== undefined && { keyExposedAt: toIso(keyExposedAt) }),
    ...(graceSeconds !== undefined && { graceSeconds }),
    ...(inspected && { inspected }),
  };
}

/**
 * Reads a job. Throws OtherReleaseError if another release of the rotator may be able to read it, and QueueError with
 * retry `never` if nobody can.
 */
export function fromJob({ id, name, data }: { id: string; name: string; data: unknown }): Work {
  if (!isJobName(name)) throw new OtherReleaseError(`this release knows no job named ${name}`);
  const fault = versionFault(data, VERSION);
  if (fault !== null) throw new OtherReleaseError(fault);
  const stored = StoredWork.safeParse(data);
  if (!stored.success) {
    const fields = stored.error.issues.map(({ path }) => path.join(".") || "(all)").join(", ");
    throw new QueueError(`the job's data cannot be read, at fault: ${fields}`, {
      effect: "none",
      retry: "never",
    });
  }
  const { keyName, keyId, intent, eventId, requestedAt, ...rest } = stored.data;
  const { keyExpiresAt, keyExposedAt, graceSeconds, inspected } = rest;
  return {
    job: name,
    keyName,
    keyId,
    intent: { id, kind: intent, requestedAt },
    eventId,
    ...(keyExpiresAt !== undefined && { keyExpiresAt }),
    ...(keyExposedAt !== undefined && { keyExposedAt }),
    ...(graceSeconds !== undefined && { graceSeconds }),
    ...(inspected && { inspected }),
  };
}

/** The facts noted so far; those that are not in order are left out. */
export function factsOf(data: unknown): Facts {
  const read = z.object({ facts: z.record(z.string(), z.unknown()) }).safeParse(data);
  if (!read.success) return {};
  const facts = Object.entries(read.data.facts).map(
    ([name, fact]) => [name, StoredFact.safeParse(fact)] as const,
  );
  return Object.fromEntries(facts.flatMap(([name, fact]) => (fact.success ? [[name, fact.data]] : [])));
}

/** In words, where a job's data have a version, and another one than `reads`. */
export function versionFault(data: unknown, reads: number): string | null {
  const { data: read } = z.object({ v: z.number() }).safeParse(data);
  if (!read || read.v === reads) return null;
  return `the job's data have version ${read.v} and this release reads version ${reads}`;
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
