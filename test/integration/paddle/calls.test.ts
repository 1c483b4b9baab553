/** What each call sends, and what it makes of the answers that Paddle documents. */
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import {
  apiRoot,
  KEY_ID,
  keyEntity,
  one,
  openClient,
  type OpenClient,
  page,
  problem,
  REQUEST_ID,
  rotation,
  ROTATION_ID,
  rotationEntity,
  SECRET,
} from "./paddle-samples.ts";
import { inTurn, json, startWireServer } from "./wire-server.ts";

const LEGACY = new Secret("0123456789abcdef0123456789abcdef0123456789abcdef01");

describe("asking Paddle with a secret", () => {
  it("gets the key with that secret, and says who is calling", async () => {
    await using server = await startWireServer(json(one(keyEntity)));
    await using client = openClient(server.url);
    expect(await client.paddle.ask(KEY_ID, SECRET)).toEqual({
      accepted: true,
      key: {
        id: KEY_ID,
        name: "Billing worker",
        status: "active",
        rotatable: true,
        expiresAt: Date.UTC(2026, 11, 1),
        exposedAt: null,
        permissions: ["api_key.read", "transaction.read"],
        lastUsedAt: Date.UTC(2026, 10, 20, 22, 14, 5, 120),
      },
    });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({
      method: "GET",
      path: `/api-keys/${KEY_ID}`,
      headers: {
        authorization: `Bearer ${SECRET.reveal()}`,
        accept: "application/json",
        "paddle-version": "1",
        "user-agent": "paddle-key-rotator/1.2.3",
      },
      body: "",
    });
  });

  it.each(["invalid_token", "authentication_malformed"])("takes %s for the answer no", async (code) => {
    await using server = await startWireServer(json(problem(code), 403));
    await using client = openClient(server.url);
    expect(await client.paddle.ask(KEY_ID, SECRET)).toEqual({ accepted: false });
  });

  it.each([
    ["a missing permission", 403, problem("forbidden"), "forbidden", "never"],
    ["a proxy's 403", 403, { message: "blocked by policy" }, "unreadable_answer", "later"],
    ["an outage", 503, problem("service_unavailable"), "service_unavailable", "later"],
  ])("does not take %s for the answer no", async (_what, status, body, code, retry) => {
    await using server = await startWireServer(json(body, status));
    await using client = openClient(server.url);
    await expect(client.paddle.ask(KEY_ID, SECRET)).rejects.toMatchObject({
      name: "PaddleError",
      code,
      retry,
    });
    expect(server.seen).toHaveLength(1);
  });

  it("works with a legacy key where an address is set", async () => {
    await using server = await startWireServer(json(one({ ...keyEntity, permissions: null })));
    await using client = openClient(server.url);
    expect(await client.paddle.ask(KEY_ID, LEGACY)).toMatchObject({
      accepted: true,
      key: { permissions: null },
    });
  });

  it.each([
    ["asked with", ({ paddle }: OpenClient) => paddle.ask(KEY_ID, LEGACY)],
    ["rotated", ({ paddle }: OpenClient) => paddle.createRotation(KEY_ID, LEGACY, { graceSeconds: 0 })],
    ["read with", ({ paddle }: OpenClient) => paddle.getRotation(KEY_ID, ROTATION_ID, LEGACY)],
    ["listed with", ({ paddle }: OpenClient) => paddle.listKeys(LEGACY)],
  ])("rejects, and never throws on the spot, for a secret that cannot be %s", async (_what, call) => {
    await using client = openClient(null);
    const rejection = call(client);
    await expect(rejection).rejects.toMatchObject({ code: "unknown_environment" });
  });

  it("stays below the path of the address that is set", async () => {
    await using server = await startWireServer(json(one(keyEntity)));
    await using client = openClient(new URL("/paddle/live/", server.url));
    await client.paddle.ask(KEY_ID, SECRET);
    expect(server.seen[0]?.path).toBe(`/paddle/live/api-keys/${KEY_ID}`);
  });

  it("cannot be led to another path by an odd id", async () => {
    await using server = await startWireServer(json(one(keyEntity)));
    await using client = openClient(server.url);
    await client.paddle.ask("../events?x=1#y", SECRET);
    await client.paddle.getRotation(KEY_ID, "../x", SECRET).catch(() => {});
    expect(server.seen.map(({ path }) => path)).toEqual([
      "/api-keys/..%2Fevents%3Fx%3D1%23y",
      `/api-keys/${KEY_ID}/rotations/..%2Fx`,
    ]);
  });
});

describe("reading", () => {
  it("gets one rotation, and leaves its secret where it is", async () => {
    await using server = await startWireServer(
      json(one({ ...rotationEntity, new_key: "pdl_live_apikey_01k****" })),
    );
    await using client = openClient(server.url);
    expect(await client.paddle.getRotation(KEY_ID, ROTATION_ID, SECRET)).toEqual(rotation);
    expect(server.seen[0]?.path).toBe(`/api-keys/${KEY_ID}/rotations/${ROTATION_ID}`);
  });

  it("lists every rotation, page by page, without asking Paddle to count", async () => {
    const second = { ...rotationEntity, id: "apkrot_2", status: "canceled" };
    await using server = await startWireServer(
      inTurn(json(page([rotationEntity], true)), json(page([second], false))),
    );
    await using client = openClient(server.url);
    expect(await client.paddle.listRotations(KEY_ID, SECRET)).toEqual([
      rotation,
      { ...rotation, id: "apkrot_2", status: "canceled" },
    ]);
    expect(server.seen.map(({ path }) => path)).toEqual([
      `/api-keys/${KEY_ID}/rotations?per_page=200`,
      `/api-keys/${KEY_ID}/rotations?per_page=200&after=${ROTATION_ID}`,
    ]);
    expect(server.seen.map(({ headers }) => headers["skip-count"])).toEqual(["true", "true"]);
  });

  it("lists every key, and never goes to the address that an answer names", async () => {
    await using elsewhere = await startWireServer(json(page([], false)));
    const first = page([keyEntity], true, new URL("/api-keys?after=x", elsewhere.url).href);
    await using server = await startWireServer(
      inTurn(json(first), json(page([{ ...keyEntity, id: "apikey_2" }], false))),
    );
    await using client = openClient(server.url);
    expect((await client.paddle.listKeys(SECRET)).map(({ id }) => id)).toEqual([KEY_ID, "apikey_2"]);
    expect(server.seen.map(({ path }) => path)).toEqual([
      "/api-keys?per_page=200",
      `/api-keys?per_page=200&after=${KEY_ID}`,
    ]);
    expect(elsewhere.seen).toHaveLength(0);
  });

  it("gets another key with the secret of the one that reads", async () => {
    await using server = await startWireServer(json(one({ ...keyEntity, id: "apikey_2" })));
    await using client = openClient(server.url);
    expect(await client.paddle.readKey("apikey_2", SECRET)).toMatchObject({ id: "apikey_2" });
    expect(server.seen[0]).toMatchObject({
      path: "/api-keys/apikey_2",
      headers: { authorization: `Bearer ${SECRET.reveal()}` },
    });
  });

  it("asks for one page of past events, the oldest first, and never goes to the address of the next", async () => {
    await using elsewhere = await startWireServer(json(page([], false)));
    const event = { event_id: "evt_1", event_type: "api_key.expired", data: { odd: true } };
    await using server = await startWireServer(
      json(page([event], true, new URL("/events?after=x", elsewhere.url).href)),
    );
    await using client = openClient(server.url);
    const types = ["api_key.expired", "api_key.revoked"];
    expect(await client.paddle.listEvents(SECRET, { after: "evt_0", types })).toEqual([
      { id: "evt_1", body: event },
    ]);
    await client.paddle.listEvents(SECRET, { after: null, types: [] });
    const queries = server.seen.map(({ path }) => Object.fromEntries(new URL(path, server.url).searchParams));
    expect(queries).toEqual([
      {
        order_by: "id[ASC]",
        per_page: "200",
        event_type: "api_key.expired,api_key.revoked",
        after: "evt_0",
      },
      { order_by: "id[ASC]", per_page: "200" },
    ]);
    expect(elsewhere.seen).toHaveLength(0);
  });

  it("leaves the secrets of destinations where they are, and e-mail addresses out", async () => {
    const destination = {
      id: "ntfset_1",
      type: "url",
      destination: "https://keys.example.com/paddle",
      active: true,
      subscribed_events: [{ name: "api_key.expiring" }],
      endpoint_secret_key: "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY",
    };
    const email = { ...destination, id: "ntfset_2", type: "email", destination: "ops@example.com" };
    const switchedOff = { ...destination, active: false };
    await using server = await startWireServer(
      inTurn(json(page([destination, email], false)), json(page([switchedOff], false))),
    );
    await using client = openClient(server.url);
    // It was switched off between the two questions.
    expect(await client.paddle.listDestinations(SECRET)).toEqual([
      {
        id: "ntfset_1",
        url: "https://keys.example.com/paddle",
        active: false,
        subscribedEvents: ["api_key.expiring"],
      },
    ]);
    expect(server.seen.map(({ path }) => path)).toEqual([
      "/notification-settings?per_page=25&active=true",
      "/notification-settings?per_page=25&active=false",
    ]);
  });

  it("gives up a list that does not end instead of taking a part of it for the whole", async () => {
    await using server = await startWireServer(json(page([keyEntity], true)));
    await using client = openClient(server.url);
    await expect(client.paddle.listKeys(SECRET)).rejects.toMatchObject({
      code: "endless_list",
      effect: "none",
    });
    expect(server.seen).toHaveLength(2);
  });
});

describe("the probe", () => {
  it("shows no credentials, and leaves a connection for the next call", async () => {
    await using server = await startWireServer(inTurn(json(apiRoot), json(one(keyEntity))));
    await using client = openClient(server.url);
    await client.paddle.probe("live");
    await client.paddle.ask(KEY_ID, SECRET);
    expect(server.seen[0]).toMatchObject({ method: "GET", path: "/" });
    expect(server.seen[0]?.headers).not.toHaveProperty("authorization");
    expect(server.seen[1]?.headers).toHaveProperty("authorization");
    expect(server.connections()).toBe(1);
  });

  it.each([
    ["an outage", json(problem("internal_error"), 500), "Paddle answered 500 internal_error"],
    ["a page that is not Paddle's", json("<html>"), "not as documented"],
  ])("says what is wrong in %s", async (_what, answer, why) => {
    await using server = await startWireServer(answer);
    await using client = openClient(server.url);
    await expect(client.paddle.probe("sandbox")).rejects.toMatchObject({
      name: "PaddleError",
      message: expect.stringContaining(why),
    });
  });

  it("says where nobody listens", async () => {
    const server = await startWireServer(json(apiRoot));
    await server[Symbol.asyncDispose]();
    await using client = openClient(server.url);
    await expect(client.paddle.probe("live")).rejects.toThrow(
      `no connection to ${server.url.origin} (ECONNREFUSED): check DNS, firewall and TLS`,
    );
  });
});

describe("the log", () => {
  it("has one line per call: method, path, status, duration and request", async () => {
    await using server = await startWireServer(json(one(rotationEntity), 201));
    await using client = openClient(server.url);
    await client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0 });
    expect(client.captured.lines).toEqual([
      expect.objectContaining({
        level: 20,
        msg: "Paddle answered",
        method: "POST",
        path: `/api-keys/${KEY_ID}/rotations`,
        status: 201,
        durationMs: 0,
        requestId: REQUEST_ID,
      }),
    ]);
  });
});
