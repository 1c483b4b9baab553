/**
 * The audit record: one per intent, kept beside the queue and written once to the log. It is made of what the job
 * noted; it holds fingerprints, never secrets.
 *
 * A record is appended first and marked as kept after that. A process that dies between the two leaves a record
 * without a mark; the job that runs again then appends a second one and marks that. Readers are shown the marked one.
 * A job that ended with a person and was done after a retry has two records, of which readers are shown the last.
 */
import type { Logger } from "pino";
import { flushed } from "../core/flushed.ts";
import type { Fact, Facts, Journal, Json, Records } from "../core/ports.ts";
import type { Outcome, Work } from "../core/work.ts";
import { AuditRecord, type SecretLife } from "./audit-record.ts";

/** Ends of a job in which nothing was done to a key. */
const NOTHING_HAPPENED = new Set(["met-already", "stale", "gave-way", "not-managed", "noted"]);

/** Ends in which something was done only if the job noted a change. */
const MAY_BE_NOTHING = new Set(["replaced", "nothing-left"]);
const CHANGES = ["staged", "promoted", "swappedForward", "putBack", "retired"];

const KIND_OF = {
  rotate: "rotation",
  "revoke-first": "exposure",
  replace: "replacement",
  inspect: null,
} as const;

/** What is to be kept of a job that has ended; null: nothing happened that anybody could ask about later. */
export function recordOf(
  work: Work,
  { receivedAt, facts }: Pick<Journal, "receivedAt" | "facts">,
  outcome: Outcome,
  now: number,
): AuditRecord | null {
  const kind = KIND_OF[work.job];
  if (outcome.kind === "wait" || kind === null) return null;
  const result = outcome.kind === "done" ? outcome.result : outcome.kind;
  if (NOTHING_HAPPENED.has(result)) return null;
  const isExposure = work.intent.kind === "exposed"; // Always on record, also where another job did what was to do.
  if (!isExposure && MAY_BE_NOTHING.has(result) && !CHANGES.some((fact) => facts[fact])) return null;
  const { intent, keyName, keyId, eventId } = work;
  return {
    id: intent.id,
    kind,
    keyName,
    keyId,
    intent: intent.kind,
    eventId,
    requestedAt: iso(intent.requestedAt),
    receivedAt: iso(receivedAt),
    endedAt: iso(now),
    outcome: outcome.kind,
    result,
    summary: outcome.summary,
    steps: stepsOf(facts),
    secrets: secretsOf(facts),
    ...(kind === "exposure" && {
      exposureClock: {
        occurredAt: iso(intent.requestedAt),
        receivedAt: iso(receivedAt),
        secretDeadAt: deathOf(facts),
        storeUpdatedAt: facts["promoted"]?.at ?? null,
        consumersSafeAt: facts["switchedOver"]?.at ?? null,
      },
    }),
  };
}

/** When the last exposed secret was seen to be dead; null: it was not. */
function deathOf(facts: Facts): string | null {
  const last = facts["survivor"] ? facts["retired"] : (facts["formerDied"] ?? facts["activeRefused"]);
  return last?.at ?? null;
}

function stepsOf(facts: Facts): AuditRecord["steps"] {
  return Object.entries(facts)
    .map(([fact, { at, says, fingerprint }]) => ({
      fact,
      at,
      says,
      ...(fingerprint !== undefined && { fingerprint }),
    }))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The facts that tell of a secret's life, and whether they tell of its end. */
const LIFE = [
  ["staged", false],
  ["promoted", false],
  ["formerDied", true],
  ["oldDied", true],
  ["retired", true],
] as const;

function secretsOf(facts: Facts): SecretLife[] {
  const lives = new Map<string, SecretLife>();
  for (const [name, isEnd] of LIFE) {
    const fact = facts[name];
    if (fact?.fingerprint === undefined) continue;
    const { fingerprint } = fact;
    lives.set(fingerprint, merge(lives.get(fingerprint), fingerprint, fact, isEnd));
  }
  return [...lives.values()];
}

/** The first sign of a secret's end counts. */
function merge(known: SecretLife | undefined, fingerprint: string, fact: Fact, isEnd: boolean): SecretLife {
  const issuedAt = known?.issuedAt ?? fact.issuedAt ?? null;
  const endedAt = known?.endedAt ?? (isEnd ? fact.at : null);
  return { fingerprint, issuedAt, endedAt, livedSeconds: secondsBetween(issuedAt, endedAt) };
}

function secondsBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.round((Date.parse(to) - Date.parse(from)) / 1000);
}

const LIST = "audit";

/**
 * Keeps the record, once however often it is called for the same end of the same intent. The log line is written
 * before the mark: a crash in between writes it again rather than never.
 */
export async function keepRecord(records: Records, log: Logger, record: AuditRecord): Promise<void> {
  const mark = markOf(record.id, record.outcome);
  if ((await records.get(LIST, mark)) !== undefined) return;
  const entryId = await records.append(LIST, toJson(record));
  log.info({ audit: record }, "audit record");
  await flushed(log);
  await records.putIfAbsent(LIST, mark, entryId);
}

export type RecordPage = {
  /** Newest first. */
  readonly rotations: readonly AuditRecord[];
  /** To be given as `before` for the next page; null: there are no older records. */
  readonly next: string | null;
};

/** The entry that was added last, to see whether there are new ones; null: there is none. Throws QueueError. */
export async function newestRecord(records: Records): Promise<string | null> {
  return (await records.list(LIST, { limit: 1 }))[0]?.id ?? null;
}

export type RecordQuery = {
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: string | undefined;
  /**
   * Only records about keys of these names. All are in one list, of which one call looks through so much and no more:
   * a page may be short while there is another one.
   */
  readonly keyNames?: ReadonlySet<string> | undefined;
};

const READ_AT_ONCE = 200;
const MOST_READ = 2_000;

/** One page of the audit records; each intent is in it once. Throws QueueError. */
export async function listRecords(
  records: Records,
  { limit, before, keyNames }: RecordQuery,
): Promise<RecordPage> {
  const shown = new Map<string, { entryId: string; record: AuditRecord }>();
  const atOnce = keyNames ? READ_AT_ONCE : limit + 1;
  let cursor = before;
  for (let seen = 0; ;) {
    const entries = await records.list(LIST, {
      limit: atOnce,
      ...(cursor !== undefined && { before: cursor }),
    });
    const read = await Promise.all(entries.map(({ id, value }) => readEntry(records, id, value, keyNames)));
    for (const entry of read) if (entry && !shown.has(entry.record.id)) shown.set(entry.record.id, entry);
    cursor = entries.at(-1)?.id ?? cursor;
    seen += entries.length;
    const isEnd = entries.length < atOnce;
    if (shown.size <= limit && !isEnd && (!keyNames || seen < MOST_READ)) continue;
    const all = [...shown.values()];
    const page = all.slice(0, limit);
    const goesOnAt = all.length > limit ? page.at(-1)?.entryId : isEnd ? null : cursor;
    return { rotations: page.map(({ record }) => record), next: goesOnAt ?? null };
  }
}

/** null: another entry stands for the same intent. */
async function readEntry(
  records: Records,
  entryId: string,
  value: Json,
  keyNames: ReadonlySet<string> | undefined,
) {
  const { success, data } = AuditRecord.safeParse(value);
  if (!success) return null;
  if (keyNames && (data.keyName === null || !keyNames.has(data.keyName))) return null;
  const marked = await records.get(LIST, markOf(data.id, data.outcome));
  if (marked !== undefined && marked !== entryId) return null;
  const isSuperseded =
    data.outcome === "needs-person" && (await records.get(LIST, markOf(data.id, "done"))) !== undefined;
  return isSuperseded ? null : { entryId, record: data };
}

function markOf(id: string, outcome: AuditRecord["outcome"]): string {
  return `${outcome}-${id}`;
}

/** Through JSON, as it will be read. */
function toJson(record: AuditRecord): Json {
  return JSON.parse(JSON.stringify(record));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
