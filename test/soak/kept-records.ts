/** Records in memory that also know what a server would have kept had nothing ever been forgotten. */
import type { Redis } from "ioredis";
import type { Forgetting, Json, Records } from "../../src/core/ports.ts";

type Kept = { readonly kind: string; readonly id: string; readonly text: string };

export class KeptRecords {
  readonly marks: Kept[] = [];
  readonly entries: Kept[] = [];

  /** The same records, watched. */
  watch<Watched extends Records & Forgetting>(records: Watched): Watched {
    return {
      ...records,
      putIfAbsent: async (kind: string, id: string, value: Json) => {
        const isNew = await records.putIfAbsent(kind, id, value);
        if (isNew) this.marks.push({ kind, id, text: JSON.stringify(value) });
        return isNew;
      },
      append: (list: string, value: Json) => {
        this.entries.push({ kind: list, id: "", text: JSON.stringify(value) });
        return records.append(list, value);
      },
    };
  }
}

export type Size = {
  readonly family: string;
  readonly names: number;
  readonly entries: number;
  readonly bytes: number;
};

/** Puts all of it where src/records/redis.ts would, and asks Redis what it takes, by family of names. */
export async function sizesOnRedis(redis: Redis, { marks, entries }: KeptRecords): Promise<readonly Size[]> {
  for (let at = 0; at < marks.length; at += 1_000) {
    const batch = redis.pipeline();
    for (const { kind, id, text } of marks.slice(at, at + 1_000)) batch.hset(`records:${kind}`, id, text);
    await batch.exec();
  }
  for (let at = 0; at < entries.length; at += 1_000) {
    const batch = redis.pipeline();
    for (const { kind, text } of entries.slice(at, at + 1_000)) batch.xadd(`lists:${kind}`, "*", "v", text);
    await batch.exec();
  }
  const sizes = new Map<string, { names: number; entries: number; bytes: number }>();
  for (const key of await redis.keys("*")) {
    const bytes = Number(await redis.memory("USAGE", key, "SAMPLES", "0"));
    const count = key.startsWith("records:") ? await redis.hlen(key) : await redis.xlen(key);
    const known = sizes.getOrInsertComputed(familyOf(key), () => ({ names: 0, entries: 0, bytes: 0 }));
    known.names += 1;
    known.entries += count;
    known.bytes += bytes;
  }
  return [...sizes].map(([family, size]) => ({ family, ...size })).toSorted((a, b) => b.bytes - a.bytes);
}

/** What names have in common that differ by a key, a job or a switch-over. */
function familyOf(name: string): string {
  return name
    .replace(/^(records|lists):/, (sort) => (sort === "lists:" ? "list " : "mark "))
    .replace(/(apikey|evt)_\w+/, "<id>")
    .replace(/key-\d+(-standby)?/, "<key>")
    .replace(/(job-recoveries-).*/, "$1<job>");
}
