/** Records that last as long as the object. Values go through JSON as they would on a server. */
import { QueueError } from "../../src/core/errors.ts";
import type { Json, RecordEntry, Records } from "../../src/core/ports.ts";

export type MemoryRecords = Records & AsyncDisposable;

export function memoryRecords(): MemoryRecords {
  const values = new Map<string, string>();
  const lists = new Map<string, { id: string; text: string }[]>();
  let appended = 0;

  return {
    async putIfAbsent(kind, id, value) {
      const key = keyOf(kind, id);
      if (values.has(key)) return false;
      values.set(key, JSON.stringify(value));
      return true;
    },

    async get(kind, id) {
      const text = values.get(keyOf(kind, id));
      return text === undefined ? undefined : parse(text);
    },

    async append(list, value) {
      appended += 1;
      const id = String(appended).padStart(19, "0");
      const entries = lists.get(list) ?? [];
      lists.set(list, [...entries, { id, text: JSON.stringify(value) }]);
      return id;
    },

    async trim(list, before) {
      lists.set(
        list,
        (lists.get(list) ?? []).filter(({ id }) => id >= before),
      );
    },

    async list(list, { limit, before }): Promise<readonly RecordEntry[]> {
      if (before !== undefined && !/^\d+$/.test(before))
        throw new QueueError(`"${before}" is not the id of an entry`, { effect: "none", retry: "never" });
      return (lists.get(list) ?? [])
        .filter(({ id }) => before === undefined || id < before)
        .toReversed()
        .slice(0, limit)
        .map(({ id, text }) => ({ id, value: parse(text) }));
    },

    async [Symbol.asyncDispose]() {},
  };
}

function keyOf(kind: string, id: string): string {
  return JSON.stringify([kind, id]);
}

function parse(text: string): Json {
  return JSON.parse(text);
}
