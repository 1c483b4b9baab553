/**
 * Attestations in the records: one list for each consumer, to which an entry is added when an instance reports
 * something else than before, or the same after a third of the time for which that counts. So each instance takes at
 * most four entries of any quarter of an hour, and reading ends at the first entry that is too old to count.
 */
import { z } from "zod";
import { type Attestation, type Attestations, FRESH_MS, type Testimony } from "../core/attestation.ts";
import { MAX_INSTANCES } from "../core/consumer.ts";
import type { Clock, Records } from "../core/ports.ts";

export type AttestationLists = Pick<Records, "append" | "list" | "trim">;

const REPEAT_MS = FRESH_MS / 3;
/** What this process knows is looked up again after this time: other processes take attestations as well. */
const KNOWN_FOR_MS = 30_000;
const PAGE = 500;
const MOST_ENTRIES = 8 * MAX_INSTANCES;

const Entry = z.object({ instance: z.string(), fingerprint: z.string(), at: z.number() });
type Entry = z.output<typeof Entry>;

type Known = {
  readonly at: number;
  readonly complete: boolean;
  /** The first entry that is too old to count; null: none was met. */
  readonly outdated: string | null;
  /** The latest of each instance. */
  readonly latest: Map<string, Entry>;
};

export function recordedAttestations({
  records,
  clock,
}: {
  readonly records: AttestationLists;
  readonly clock: Clock;
}): Attestations {
  const known = new Map<string, Promise<Known>>();

  const tidied = async (consumer: string, now: number): Promise<Known> => {
    const found = await read(records, listOf(consumer), now);
    if (found.outdated !== null) await records.trim(listOf(consumer), found.outdated);
    return found;
  };

  const recent = async (consumer: string): Promise<Known> => {
    const held = await known.get(consumer);
    const now = clock.now();
    if (held && now - held.at < KNOWN_FOR_MS) return held;
    const reading = tidied(consumer, now);
    known.set(consumer, reading);
    return reading.catch((error: unknown) => {
      known.delete(consumer);
      throw error;
    });
  };

  return {
    async take(consumer, { instance, fingerprint }: Attestation) {
      const { latest } = await recent(consumer);
      const now = clock.now();
      const former = latest.get(instance);
      if (former?.fingerprint === fingerprint && now - former.at < REPEAT_MS) return "taken";
      if (!isFresh(former, now) && fresh(latest, now).length >= MAX_INSTANCES) return "full";
      const entry = { instance, fingerprint, at: now };
      await records.append(listOf(consumer), entry);
      latest.set(instance, entry);
      return "taken";
    },

    async of(consumer) {
      const now = clock.now();
      const { latest, complete } = await read(records, listOf(consumer), now);
      const attestations = fresh(latest, now).map(({ instance, fingerprint }) => ({ instance, fingerprint }));
      return {
        attestations: attestations.slice(0, MAX_INSTANCES),
        complete: complete && attestations.length <= MAX_INSTANCES,
      } satisfies Testimony;
    },
  };
}

function listOf(consumer: string): string {
  return `attestations.${consumer}`;
}

function isFresh(entry: Entry | undefined, now: number): boolean {
  return entry !== undefined && now - entry.at < FRESH_MS;
}

function fresh(latest: ReadonlyMap<string, Entry>, now: number): Entry[] {
  return [...latest.values()].filter((entry) => isFresh(entry, now));
}

/** The latest entry of each instance, from the newest on until they are too old to count. */
async function read(records: AttestationLists, list: string, now: number): Promise<Known> {
  const latest = new Map<string, Entry>();
  let before: string | undefined;
  for (let entries = 0; entries < MOST_ENTRIES; entries += PAGE) {
    const page = await records.list(list, { limit: PAGE, ...(before !== undefined && { before }) });
    for (const { id, value } of page) {
      before = id;
      const { data: entry } = Entry.safeParse(value);
      if (!entry) continue;
      if (!isFresh(entry, now)) return { at: now, complete: true, outdated: id, latest };
      if (!latest.has(entry.instance)) latest.set(entry.instance, entry);
    }
    if (page.length < PAGE) return { at: now, complete: true, outdated: null, latest };
  }
  return { at: now, complete: false, outdated: null, latest };
}
