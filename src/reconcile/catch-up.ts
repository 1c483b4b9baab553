/**
 * Reads Paddle's list of past events from the last one seen and hands each on, exactly as a webhook would have been:
 * the same event has the same id, so it does not matter who brings it, or how often.
 */
import { z } from "zod";
import { noReader } from "../alerts/reconcile-messages.ts";
import { onChange } from "../alerts/on-change.ts";
import { PaddleError } from "../core/errors.ts";
import type { PastEvent } from "../core/paddle-key.ts";
import type { Alerts, Clock, PaddleApi, Records } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { KEY_EVENT_TYPES } from "../core/key-events.ts";
import { byEnvironment, type ReaderChoice, readWithFirst } from "./readers.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const PERMISSION = "notification.read";
/** Of 200 events each. What is left is read in the next sweep. */
const PAGES_PER_SWEEP = 20;
/** Events may appear in the list later than their ids say: those of the last minutes are read once more. */
const SETTLED_MS = 5 * 60_000;
/** A webhook needs seconds; an event that is older than this and unknown was not brought by one. */
const LATE_MS = 60_000;

/** `missed`: nobody had brought this event before. */
export type Acceptance = "missed" | "known" | "ignored";

export type CatchUpDeps = ReaderChoice & {
  readonly paddle: Pick<PaddleApi, "listEvents">;
  readonly records: Records;
  readonly alerts: Alerts;
  readonly clock: Clock;
  /** Treats the body as that of a verified webhook. Throws QueueError if the queue does not take its work. */
  readonly accept: (body: unknown) => Promise<Acceptance>;
};

export type CatchUpReport = { readonly read: number; readonly missed: number };

/** `since`: older events are not acted on; they happened before this rotator's time. Epoch milliseconds. */
type Cursor = { readonly after: string | null; readonly since: number };
const Cursor = z.object({ after: z.string().nullable(), since: z.number() });
const Dated = z.object({ occurred_at: z.string().transform((text) => Date.parse(text)) });

export async function catchUp(deps: CatchUpDeps): Promise<CatchUpReport> {
  const total = { read: 0, missed: 0 };
  let reads = false;
  for (const choice of byEnvironment(deps)) {
    const done = await readWithFirst(choice, PERMISSION, (secret) =>
      catchUpWith(secret, `event-cursor-${choice.environment}`, deps),
    );
    if (!done) continue;
    reads = true;
    total.read += done.result.read;
    total.missed += done.result.missed;
  }
  if (deps.readers.length > 0) await tellWhoReads(reads, deps);
  return total;
}

async function catchUpWith(secret: Secret, list: string, deps: CatchUpDeps): Promise<CatchUpReport> {
  const known = await readCursor(list, deps.records);
  // A new installation acts on the last day, not on a quarter of a year that people have dealt with.
  let cursor: Cursor = known ?? { after: null, since: deps.clock.now() - DAY_MS };
  let after = cursor.after;
  const report = { read: 0, missed: 0 };
  for (let pages = 0; pages < PAGES_PER_SWEEP; pages += 1) {
    const page = await readPage(secret, after, deps.paddle);
    for (const event of page) {
      const occurredAt = timeOf(event) ?? deps.clock.now();
      if (occurredAt < cursor.since) continue;
      const acceptance = await deps.accept(event.body);
      report.read += 1;
      const isLate = known !== null && deps.clock.now() - occurredAt > LATE_MS;
      if (acceptance === "missed" && isLate) report.missed += 1;
    }
    const settled = lastSettled(page, deps.clock.now());
    if (settled !== null && settled !== cursor.after) {
      cursor = { ...cursor, after: settled };
      await deps.records.append(list, cursor);
    } else if (known === null && pages === 0) await deps.records.append(list, cursor);
    const last = page.at(-1)?.id;
    if (last === undefined || last === after) return report;
    after = last;
  }
  return report;
}

/** An event that is gone from Paddle's list cannot be read after: then the list is read from its beginning. */
async function readPage(
  secret: Secret,
  after: string | null,
  paddle: Pick<PaddleApi, "listEvents">,
): Promise<readonly PastEvent[]> {
  try {
    return await paddle.listEvents(secret, { after, types: KEY_EVENT_TYPES });
  } catch (error) {
    const isUnknown = error instanceof PaddleError && (error.status === 400 || error.status === 404);
    if (after === null || !isUnknown) throw error;
    return paddle.listEvents(secret, { after: null, types: KEY_EVENT_TYPES });
  }
}

/** The last event of the page before the first that is so young that others may still appear before it. */
function lastSettled(page: readonly PastEvent[], now: number): string | null {
  const firstYoung = page.findIndex((event) => now - (timeOf(event) ?? 0) < SETTLED_MS);
  return (firstYoung === -1 ? page : page.slice(0, firstYoung)).at(-1)?.id ?? null;
}

async function readCursor(list: string, records: Records): Promise<Cursor | null> {
  const [newest] = await records.list(list, { limit: 1 });
  return Cursor.safeParse(newest?.value).data ?? null;
}

function timeOf({ body }: PastEvent): number | null {
  const at = Dated.safeParse(body).data?.occurred_at;
  return at === undefined || Number.isNaN(at) ? null : at;
}

async function tellWhoReads(reads: boolean, { records, alerts, clock }: CatchUpDeps): Promise<void> {
  await onChange(records, "reader-of-events", reads, async ({ id }) => {
    if (!reads) await alerts.raise(noReader(PERMISSION, id, clock.now()));
  });
}
