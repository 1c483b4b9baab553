/**
 * Records in Redis or Valkey: one hash per kind, one stream per list, so that every operation is one command on
 * one key, atomic by itself and at home in a Cluster.
 *
 * An operation that fails with effect `unknown` may be repeated: `putIfAbsent` then answers false where the first
 * try stored the value; a repeated `append` may leave a second entry.
 */
import type { Logger } from "pino";
import type { Forgetting, Json, Leases, Records } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { prefixAt, redisAddress } from "../redis/address.ts";
import { connectToRedis } from "./redis-connection.ts";

// A holder's own lease is prolonged, anybody else's is respected. KEYS: the lease. ARGV: holder, milliseconds.
const TAKE = `
  local holder = redis.call("GET", KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
  return 1`;
const GIVE_BACK = `if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end`;

// Redis numbers the entries of one millisecond from 0. Filled up with zeros, ids sort as text too.
const SEQUENCE_DIGITS = 6;

/** So many records of a kind are read at once, more or less: Redis is told, not ordered. */
const SCANNED = 200;

/**
 * Opens the records below `prefix`, in a Cluster beside the queue. A server that is away is waited for by the
 * operations, not here.
 */
export async function openRedisRecords(options: {
  url: Secret;
  prefix: string;
  log: Logger;
}): Promise<Records & Forgetting & Leases & AsyncDisposable> {
  const redis = connectToRedis(options.url, options.log);
  const prefix = prefixAt(redisAddress(options.url), options.prefix);
  const kindKey = (kind: string) => `${prefix}:records:${kind}`;
  const leaseKey = (name: string) => `${prefix}:leases:${name}`;
  const listKey = (list: string) => `${prefix}:lists:${list}`;

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

    async trim(list, before) {
      await redis.write("shortening a list", (client) => client.xtrim(listKey(list), "MINID", before));
    },

    async scan(kind, from) {
      const [next, found] = await redis.read("looking through records", (client) =>
        client.hscan(kindKey(kind), from ?? "0", "COUNT", SCANNED),
      );
      const records = Array.from({ length: found.length / 2 }, (_, index) => ({
        id: found[2 * index] ?? "",
        value: parse(found[2 * index + 1] ?? "null"),
      }));
      return { records, next: next === "0" ? null : next };
    },

    async forget(kind, ids) {
      if (ids.length === 0) return;
      await redis.write("forgetting records", (client) => client.hdel(kindKey(kind), ...ids));
    },

    async oldest(list, limit) {
      const entries = await redis.read("reading a list", (client) =>
        client.xrange(listKey(list), "-", "+", "COUNT", limit),
      );
      return entries.map(([id, [, text = "null"]]) => ({ id: sortable(id), value: parse(text) }));
    },

    async forgetLists(lists) {
      if (lists.length === 0) return;
      await redis.write("forgetting lists", (client) => client.del(...lists.map(listKey)));
    },

    async take(name, holder, ttlMs) {
      const taken = await redis.write("taking a lease", (client) =>
        client.eval(TAKE, 1, leaseKey(name), holder, ttlMs),
      );
      return taken === 1;
    },

    async giveBack(name, holder) {
      await redis.write("giving back a lease", (client) => client.eval(GIVE_BACK, 1, leaseKey(name), holder));
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
