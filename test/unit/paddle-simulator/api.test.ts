/** What the API judges before it acts: credentials, permissions, bodies and limits. */
import { describe, expect, it } from "vitest";
import { openWorld, START, type World } from "./in-memory.ts";
import { gist, type Parsed } from "./parsed.ts";

describe("permissions", () => {
  it.each([
    ["nothing", [], 403],
    ["another entity", ["transaction.read"], 403],
    ["api_key.read", ["api_key.read"], 200],
    ["api_key.write, which includes read", ["api_key.write"], 200],
  ])("%s opens the list of keys or not", (_, permissions, status) => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions });
    expect(world.call("GET", "/api-keys", { secret }).status).toBe(status);
  });

  it("let a key read itself always, and others only with api_key.read", () => {
    const world = openWorld();
    const other = world.createKey().id;
    const { id, current: secret } = world.createKey({ permissions: [] });
    const { current: reader } = world.createKey({ permissions: ["api_key.read"] });
    expect(gist(world.call("GET", `/api-keys/${id}`, { secret }))).toBe("200");
    expect(gist(world.call("GET", `/api-keys/${other}`, { secret }))).toBe("403 forbidden");
    expect(gist(world.call("GET", `/api-keys/${other}`, { secret: reader }))).toBe("200");
  });

  it("do not say to a key without them whether another key exists", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions: [] });
    expect(gist(world.call("GET", "/api-keys/apikey_none", { secret }))).toBe("403 forbidden");
  });

  it("are all granted to a legacy key", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ legacy: true });
    expect(world.call("GET", "/api-keys", { secret }).many[0]).toMatchObject({ permissions: null });
    expect(world.call("GET", "/events", { secret }).status).toBe(200);
  });

  it("are not needed to rotate, for the event types and for the root", () => {
    const world = openWorld();
    const { id, current: secret } = world.createKey({ permissions: [] });
    expect(world.call("GET", "/event-types", { secret }).many).toHaveLength(8);
    expect(world.call("GET", "/", { secret }).one).toMatchObject({ caller: { permissions: [] } });
    world.rotate(id, secret);
    expect(world.call("GET", `/api-keys/${id}/rotations`, { secret }).many).toHaveLength(1);
  });

  it("of events are those of notifications", () => {
    const world = openWorld();
    const { current: secret } = world.createKey({ permissions: ["api_key.read"] });
    const { current: reader } = world.createKey({ permissions: ["notification.read"] });
    expect(gist(world.call("GET", "/events", { secret }))).toBe("403 forbidden");
    expect(gist(world.call("GET", "/events", { secret: reader }))).toBe("200");
  });
});

describe("the Authorization header", () => {
  it.each([
    ["Bearer", "authentication_malformed"],
    ["Bearer ", "authentication_malformed"],
    ["Bearer a b", "authentication_malformed"],
    ["Basic dXNlcjpwYXNz", "authentication_malformed"],
    ["Bearer unknown", "invalid_token"],
  ])("%j is answered 403 %s", (authorization, code) => {
    const world = openWorld();
    for (const path of ["/", "/api-keys"])
      expect(gist(world.call("GET", path, { headers: { authorization } }))).toBe(`403 ${code}`);
  });
});

/** Rotates a fresh key with this body. */
function post(body: unknown): Parsed {
  const world = openWorld();
  const { id, current: secret } = world.createKey();
  return world.call("POST", `/api-keys/${id}/rotations`, { secret, body });
}

function faultsOf(body: unknown): unknown {
  return post(body).error["errors"];
}

describe("the body of a rotation", () => {
  it.each([0, 86_400])("may ask for a grace of %i s", (grace) => {
    expect(post({ grace_period_seconds: grace }).one).toMatchObject({ grace_period_seconds: grace });
  });

  it.each([
    ["is missing", {}],
    ["is below 0", { grace_period_seconds: -1 }],
    ["is above 86,400", { grace_period_seconds: 86_401 }],
    ["is no integer", { grace_period_seconds: 1.5 }],
    ["is text", { grace_period_seconds: "300" }],
    ["is null", { grace_period_seconds: null }],
  ])("is refused when grace_period_seconds %s", (_, body) => {
    expect(post(body).status).toBe(400);
    expect(faultsOf(body)).toEqual([{ field: "grace_period_seconds", message: expect.any(String) }]);
  });

  it.each(["", "not json", "[]", "null", '"text"'])("is refused when it is %j", (body) => {
    expect(gist(post(body))).toBe("400 bad_request");
  });

  it.each([
    ["in UTC", "2027-02-19T00:00:00Z"],
    ["with a fraction", "2027-02-19T00:00:00.123456Z"],
    ["with an offset", "2027-02-19T01:00:00+01:00"],
  ])("may set a new expiry %s", (_, time) => {
    expect(post({ grace_period_seconds: 0, new_key_expires_at: time }).status).toBe(201);
  });

  it.each([
    ["no time", "soon"],
    ["a day that does not exist", "2027-02-30T00:00:00Z"],
    ["a time without a zone", "2027-02-19T00:00:00"],
    ["a number", Date.UTC(2027, 1, 19)],
    ["null", null],
    ["now", new Date(START).toISOString()],
  ])("is refused when new_key_expires_at is %s", (_, time) => {
    const body = { grace_period_seconds: 0, new_key_expires_at: time };
    expect(faultsOf(body)).toEqual([{ field: "new_key_expires_at", message: expect.any(String) }]);
  });

  it("is told all its faults at once, and changes nothing", () => {
    const world = openWorld();
    const { id, current: secret } = world.createKey();
    const body = { grace_period_seconds: -1, new_key_expires_at: null };
    const { error } = world.call("POST", `/api-keys/${id}/rotations`, { secret, body });
    expect(error["errors"]).toMatchObject([
      { field: "grace_period_seconds" },
      { field: "new_key_expires_at" },
    ]);
    expect(world.key(id).rotations).toEqual([]);
  });

  it("may have fields that Paddle does not know", () => {
    expect(post({ grace_period_seconds: 0, note: "mine" }).status).toBe(201);
  });
});

describe("rotations of", () => {
  it.each([
    ["another key", (world: World) => world.createKey().id],
    ["a key that is not there", () => "apikey_none"],
  ])("%s are forbidden, whatever the permissions", (_, whose) => {
    const world = openWorld();
    const id = whose(world);
    const { current: secret } = world.createKey({ permissions: ["api_key.write"] });
    const calls = [
      world.call("POST", `/api-keys/${id}/rotations`, { secret, body: { grace_period_seconds: 0 } }),
      world.call("GET", `/api-keys/${id}/rotations`, { secret }),
      world.call("GET", `/api-keys/${id}/rotations/apkrot_none`, { secret }),
    ];
    expect(calls.map(gist)).toEqual(Array(3).fill("403 forbidden"));
  });

  it.each([{ rotatable: false }, { legacy: true }])("a key made with %j are not to be had", (options) => {
    const world = openWorld();
    const { id, current: secret } = world.createKey(options);
    const body = { grace_period_seconds: 0 };
    const answer = world.call("POST", `/api-keys/${id}/rotations`, { secret, body });
    expect(gist(answer)).toBe("400 api_key_cannot_be_rotated");
  });
});

function statuses(world: World, count: number, source: string): number[] {
  return Array.from({ length: count }, () => world.call("GET", "/", { source }).status);
}

describe("the rate limit", () => {
  it("takes 240 requests a minute from one source, and no more until the minute is over", () => {
    const world = openWorld();
    expect(statuses(world, 240, "10.0.0.1")).not.toContain(429);
    world.clock.advance(59_001);
    const refused = world.call("GET", "/", { source: "10.0.0.1" });
    expect(gist(refused)).toBe("429 too_many_requests");
    expect(refused.headers["retry-after"]).toBe("1");
    world.clock.advance(998);
    expect(statuses(world, 1, "10.0.0.1")).toEqual([429]);
    world.clock.advance(1);
    expect(statuses(world, 1, "10.0.0.1")).toEqual([200]);
  });

  it("does not count one source for another", () => {
    const world = openWorld({ requestsPerMinute: 1 });
    expect(statuses(world, 1, "10.0.0.1")).toEqual([200]);
    expect(statuses(world, 2, "10.0.0.2")).toEqual([200, 429]);
  });
});
