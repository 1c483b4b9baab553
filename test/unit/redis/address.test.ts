/** Addresses of Redis behind Sentinels and in a Cluster. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { prefixAt, readRedisAddress, redisAddress, type RedisAddress } from "../../../src/redis/address.ts";
import { clusterOptions, sentinelOptions } from "../../../src/redis/client.ts";

const MANNER = { redis: { maxRetriesPerRequest: null, retryStrategy: () => 100 }, cluster: {} };

const read = (text: string): RedisAddress => redisAddress(new Secret(text));

function sentinel(text: string) {
  const address = read(text);
  if (address.kind !== "sentinel") throw new Error("it is not about Sentinels");
  return address;
}

function cluster(text: string) {
  const address = read(text);
  if (address.kind !== "cluster") throw new Error("it is not about a Cluster");
  return address;
}

describe("the address of a master behind Sentinels", () => {
  it("names the Sentinels, the master and the database", () => {
    expect(sentinel("redis+sentinel://one:26380,two,[::1]:26379/main/2")).toMatchObject({
      endpoints: [
        { host: "one", port: 26_380 },
        { host: "two", port: 26_379 },
        { host: "::1", port: 26_379 },
      ],
      master: "main",
      database: 2,
      tls: false,
      user: null,
      password: null,
    });
  });

  it("signs in to the servers with its own user and password, to the Sentinels with theirs", () => {
    const address = sentinel(
      "rediss+sentinel://bob:p%40ss@one/main?sentinelUser=eve&sentinelPassword=s%40ss%26more",
    );
    expect(sentinelOptions(address, MANNER.redis)).toMatchObject({
      username: "bob",
      password: "p@ss",
      sentinelUsername: "eve",
      sentinelPassword: "s@ss&more",
      enableTLSForSentinelMode: true,
      tls: {},
      sentinelTLS: {},
    });
  });

  it("sends no password to anybody where it has none", () => {
    const options = sentinelOptions(sentinel("redis+sentinel://one/main"), MANNER.redis);
    expect(Object.keys(options)).not.toEqual(expect.arrayContaining(["password"]));
    expect(Object.keys(options)).not.toEqual(expect.arrayContaining(["sentinelPassword"]));
    expect(Object.keys(options)).not.toEqual(expect.arrayContaining(["tls"]));
  });
});

describe("the address of a Cluster", () => {
  it("names some of its nodes", () => {
    expect(cluster("redis+cluster://:secret@one,two:7001").endpoints).toEqual([
      { host: "one", port: 6_379 },
      { host: "two", port: 7_001 },
    ]);
  });

  it("asks each node for a certificate of its name, not of its number", () => {
    const { dnsLookup, redisOptions } = clusterOptions(cluster("rediss+cluster://one"), MANNER);
    let looked: string | null = null;
    dnsLookup?.("one", (_error, address) => (looked = address));
    expect(looked).toBe("one");
    expect(redisOptions.tls).toEqual({});
  });

  it("keeps all data under one hash tag, and a tag of the operator's as it is", () => {
    expect(prefixAt(read("redis+cluster://one"), "paddle_rotator")).toBe("{paddle_rotator}");
    expect(prefixAt(read("redis+cluster://one"), "{mine}.rotator")).toBe("{mine}.rotator");
    expect(prefixAt(read("redis+sentinel://one/main"), "paddle_rotator")).toBe("paddle_rotator");
    expect(prefixAt(read("redis://one"), "paddle_rotator")).toBe("paddle_rotator");
  });
});

describe("an address that cannot be meant", () => {
  it.each([
    ["redis+sentinel://one,,two/main", "must name the Sentinels"],
    ["redis+sentinel:///main", "must name the Sentinels"],
    ["redis+sentinel://one:port/main", "must name the Sentinels"],
    ["redis+sentinel://one", "must end with the name of the master"],
    ["redis+sentinel://one/main/two", "must end with the name of the master"],
    ["redis+sentinel://one/main?canary=1", "may have no options but sentinelUser and sentinelPassword"],
    ["redis+sentinel://one/main?sentinelUser=canary", "has a sentinelUser without a sentinelPassword"],
    ["redis+sentinel://one/main#canary", "is not a valid address"],
    ["redis+sentinel://:can%ary@one/main", "is not a valid address"],
    ["redis+sentinel://canary@one/main", "is not a valid address"],
    ["redis+sentinel://:can:ary@one/main", "is not a valid address"],
    ["redis+cluster://", "must name nodes of the Cluster"],
    ["redis+cluster://:canary@", "must name nodes of the Cluster"],
    ["redis+cluster://one/1", "a Cluster has one database"],
    ["redis+cluster://one?canary=1", "may have no options"],
  ])("%s is refused, and nothing of it is quoted", (text, why) => {
    const reading = readRedisAddress(text);
    expect(reading).toMatchObject({ ok: false });
    if (reading.ok) return;
    expect(reading.fault).toContain(why);
    expect(reading.fault).not.toMatch(/canary|can%ary|can:ary/);
  });
});
