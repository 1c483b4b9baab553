/** Lists of which only the newest entries are ever read: the others go, whatever their age. */
import type { Forgotten, Pass } from "./pass.ts";
import type { InUse } from "./in-use.ts";
import { isBefore } from "./marks.ts";

type Lists = Readonly<Record<string, number>>;

/** How many entries whoever reads a list looks at; one that is shortened to them reads the same. */
const OF_ALL: Lists = {
  "good-sweeps": 1,
  "event-cursor-live": 1,
  "event-cursor-sandbox": 1,
  "event-cursor-unknown": 1,
  "seen-reader-of-events": 1,
  "seen-destination-live": 1,
  "seen-destination-sandbox": 1,
  "seen-webhook-sources-live": 1,
  "seen-webhook-sources-sandbox": 1,
};
/** By the key's configured name. */
const OF_NAME: Lists = {
  "switch-overs-": 20,
  "switch-over-progress-": 1,
  "pages-": 200,
  "seen-store-": 1,
  "seen-standby-": 1,
  "seen-unchecked-": 1,
};
/** Of a check a window's looks are read; this is a look every second for a quarter of an hour, by two workers. */
const LOOKS = 2_000;
/** By Paddle's id of the key. */
const OF_KEY_ID: Lists = {
  "issued-": 200,
  "issuing-": 1,
  "exposures-": 20,
  "revoke-firsts-": 20,
  "countered-": 20,
  "resumes-": 1,
  "seen-": 1,
  "seen-key-": 1,
};
const NAMED_WITHIN = (keyId: string) => `seen-${keyId}-ended`;

/** @param used null: of keys that are in use nothing is known, and only the lists of names are shortened */
export async function* shortenLists(pass: Pass, used: InUse | null): Forgotten {
  for (const [list, kept] of Object.entries(OF_ALL)) yield await shorten(list, kept, pass);
  for (const { name, checks } of pass.keys) {
    for (const [prefix, kept] of Object.entries(OF_NAME)) yield await shorten(`${prefix}${name}`, kept, pass);
    for (const check of checks) yield await shorten(`check-looks-${name}-${check.name}`, LOOKS, pass);
  }
  for (const keyId of used?.keyIds ?? []) {
    for (const [prefix, kept] of Object.entries(OF_KEY_ID))
      yield await shorten(`${prefix}${keyId}`, kept, pass);
    yield await shorten(NAMED_WITHIN(keyId), 1, pass);
  }
}

/** A key that another one replaced long ago: that it was ours is remembered, what happened to it is not. */
export async function* forgetFormerKeys({ records, before }: Pass, used: InUse): Forgotten {
  for (let from: string | null = null; ;) {
    const { records: found, next } = await records.scan("former-keys", from);
    const gone = found.filter(({ id, value }) => isBefore(value, before) && !used.keyIds.has(id));
    const prefixes = Object.keys(OF_KEY_ID);
    const lists = gone.flatMap(({ id }) => [...prefixes.map((prefix) => `${prefix}${id}`), NAMED_WITHIN(id)]);
    await records.forgetLists(lists);
    yield 0;
    if (next === null) return;
    from = next;
  }
}

/** Entries that are added meanwhile are younger, and stay. */
async function shorten(list: string, kept: number, { records }: Pass): Promise<number> {
  const newest = await records.list(list, { limit: kept + 1 });
  const last = newest[kept - 1];
  if (newest.length <= kept || !last) return 0;
  await records.trim(list, last.id);
  return newest.length - kept;
}
