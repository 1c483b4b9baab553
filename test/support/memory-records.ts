/** Records that last as long as the object. Values go through JSON as they would on a server. */
import { QueueError } from "../../src/core/errors.ts";
import type { Forgetting, Json, RecordEntry, Records } from "../../src/core/ports.ts";

export type MemoryRecords = Records & Forgetting & AsyncDisposable;

/** Few, so that tests see more than one turn. */
const SCANNED = 10;

export function memoryRecords(): MemoryRecords {
  const kinds = new Map<string, Map<string, string>>();
  const lists = new Map<string, { id: string; text: string }[]>();
  let appended = 0;

  return {
    async putIfAbsent(kind, id, value) {
      const values = kinds.getOrInsertComputed(kind, () => new Map());
      if (values.has(id)) return false;
      values.set(id, JSON.stringify(value));
      return true;
    },

    async get(kind, id) {
      const text = kinds.get(kind)?.get(id);
      return text === undefined ? undefined : parse(text);
    },

    async append(list, value) {
      appended += 1;
      const id = String(appended).padStart(19, "0");
      lists.getOrInsertComputed(list, () => []).push({ id, text: JSON.stringify(value) });
      return id;
    },

    async trim(list, before) {
      const entries = lists.get(list);
      if (entries) lists.set(list, entries.slice(firstFrom(entries, before)));
    },

    async list(list, { limit, before }) {
      if (before !== undefined && !/^\d+$/.test(before))
        throw new QueueError(`"${before}" is not the id of an entry`, { effect: "none", retry: "never" });
      const entries = lists.get(list) ?? [];
      const end = before === undefined ? entries.length : firstFrom(entries, before);
      return entries
        .slice(Math.max(0, end - limit), end)
        .toReversed()
        .map(toEntry);
    },

    async scan(kind, from) {
      const ids = [...(kinds.get(kind)?.keys() ?? [])].toSorted();
      const start = from === null ? 0 : ids.findIndex((id) => id > from);
      const found = start === -1 ? [] : ids.slice(start, start + SCANNED);
      const records = found.map((id) => ({ id, value: parse(kinds.get(kind)?.get(id) ?? "null") }));
      return { records, next: found.length < SCANNED ? null : (found.at(-1) ?? null) };
    },

    async forget(kind, ids) {
      for (const id of ids) kinds.get(kind)?.delete(id);
    },

    async oldest(list, limit) {
      return (lists.get(list) ?? []).slice(0, limit).map(toEntry);
    },

    async forgetLists(names) {
      for (const name of names) lists.delete(name);
    },

    async [Symbol.asyncDispose]() {},
  };
}

function toEntry({ id, text }: { id: string; text: string }): RecordEntry {
  return { id, value: parse(text) };
}

/** Entries are in the order of their ids. */
function firstFrom(entries: readonly { readonly id: string }[], id: string): number {
  const index = entries.findLastIndex((entry) => entry.id < id);
  return index + 1;
}

function parse(text: string): Json {
  return JSON.parse(text);
}
