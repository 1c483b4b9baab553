/**
 * Records in Redis or Valkey: one hash per kind, one stream per list, so that every operation is one command on
 * one key, atomic by itself and at home in a Cluster.
 *
 * An operation that fails with effect `unknown` may be repeated: `putIfAbsent` then answers false where the first
 * try stored the value; a repeated `append` may leave a second entry.
 */
import type { Logger } from "pino";
import type { Json, Records } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { connectToRedis } from "./redis-connection.ts";

// Redis numbers the entries of one millisecond from 0. Filled up with zeros, ids sort as text too.
const SEQUENCE_DIGITS = 6;

/**
 * Opens the records below `prefix` (in a Cluster, one with a {hash tag} keeps them beside the queue). A server that
 * is away is waited for by the operations, not here.
 */
export async function openRedisRecords(options: {
  url: Secret;
  prefix: string;
  log: Logger;
}): Promise<Records & AsyncDisposable> {
  const redis = connectToRedis(options.url, options.log);
  const kindKey = (kind: string) => `${options.prefix}:records:${kind}`;
  const listKey = (list: string) => `${options.prefix}:lists:${list}`;

  return {
    async putIfAbsent(kind, id, value) {
      const text = JSON.stringify(value);
      const added = await redis.write("storing a record", (client) => client.hsetnx(kindKey(kind), id, text));
      return added === 1;
    },

    async get(kind, id) {
      const text = await redis.read("reading a record", (client) => client.hget(kindKey(kind), id));
      return text === null ? undefined : parse(text);
    },

    async append(list, value) {
      const text = JSON.stringify(value);
      const id = await redis.write("adding to a list", (client) =>
        client.xadd(listKey(list), "*", "v", text),
      );
      return sortable(id ?? "");
    },

    async list(list, { limit, before }) {
      const newest = before === undefined ? "+" : `(${before}`;
      const entries = await redis.read("reading a list", (client) =>
        client.xrevrange(listKey(list), newest, "-", "COUNT", limit),
      );
      return entries.map(([id, [, text = "null"]]) => ({ id: sortable(id), value: parse(text) }));
    },

    async [Symbol.asyncDispose]() {
      redis[Symbol.dispose]();
    },
  };
}

function parse(text: string): Json {
  return JSON.parse(text);
}

function sortable(id: string): string {
  const [milliseconds = "", sequence = ""] = id.split("-");
  return `${milliseconds}-${sequence.padStart(SEQUENCE_DIGITS, "0")}`;
}
