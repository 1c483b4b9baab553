/** What creating a rotation sends, and what it makes of the answers. */
import { describe, expect, it } from "vitest";
import {
  KEY_ID,
  NEW_SECRET,
  one,
  openClient,
  problem,
  REQUEST_ID,
  rotation,
  rotationEntity,
  SECRET,
} from "./paddle-samples.ts";
import { json, startWireServer } from "./wire-server.ts";

describe("creating a rotation", () => {
  it.each([200, 201, 202])("is done when Paddle answers %i", async (status) => {
    await using server = await startWireServer(json(one(rotationEntity), status));
    await using client = openClient(server.url);
    const issued = await client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 3600 });
    expect(issued.rotation).toEqual(rotation);
    expect(issued.newSecret.reveal()).toBe(NEW_SECRET);
    expect(server.seen[0]).toMatchObject({
      method: "POST",
      path: `/api-keys/${KEY_ID}/rotations`,
      headers: { authorization: `Bearer ${SECRET.reveal()}`, "content-type": "application/json" },
      body: '{"grace_period_seconds":3600}',
    });
  });

  it("sends the new expiry in UTC", async () => {
    await using server = await startWireServer(json(one(rotationEntity), 201));
    await using client = openClient(server.url);
    const newKeyExpiresAt = Date.UTC(2027, 1, 19, 12, 30, 15, 250);
    await client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0, newKeyExpiresAt });
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({
      grace_period_seconds: 0,
      new_key_expires_at: "2027-02-19T12:30:15.250Z",
    });
  });

  it.each([0, 86_400])("takes a grace of %i s", async (graceSeconds) => {
    await using server = await startWireServer(json(one(rotationEntity), 201));
    await using client = openClient(server.url);
    await client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ["a grace of -1 s", { graceSeconds: -1 }],
    ["a grace of 86401 s", { graceSeconds: 86_401 }],
    ["a grace of 1.5 s", { graceSeconds: 1.5 }],
    ["a grace that is no number", { graceSeconds: Number.NaN }],
    ["an expiry that is no time", { graceSeconds: 0, newKeyExpiresAt: Number.NaN }],
  ])("does not send %s", async (_what, terms) => {
    await using server = await startWireServer(json(one(rotationEntity), 201));
    await using client = openClient(server.url);
    await expect(client.paddle.createRotation(KEY_ID, SECRET, terms)).rejects.toMatchObject({
      code: "invalid_terms",
      effect: "none",
      retry: "never",
    });
    expect(server.seen).toHaveLength(0);
  });

  it("that Paddle's answer gives no secret for may have happened, and is not sent again", async () => {
    const { new_key: _missing, ...rest } = rotationEntity;
    await using server = await startWireServer(json(one(rest), 201));
    await using client = openClient(server.url);
    await expect(client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0 })).rejects.toMatchObject({
      code: "unreadable_answer",
      effect: "unknown",
      retry: "later",
      message: expect.stringContaining("data.new_key"),
    });
    expect(server.seen).toHaveLength(1);
  });

  it.each(["invalid_token", "forbidden", "api_key_cannot_be_rotated"])(
    "is an error that names the reason when Paddle refuses: %s",
    async (code) => {
      await using server = await startWireServer(json(problem(code), 403));
      await using client = openClient(server.url);
      await expect(client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0 })).rejects.toMatchObject({
        code,
        status: 403,
        effect: "none",
        retry: "never",
        requestId: REQUEST_ID,
      });
    },
  );

  it("keeps a new secret that names another key, and says so in the log", async () => {
    const other = NEW_SECRET.replace("01kaa1b2c3d4e5f6g7h8j9k0mn", "01zzzzzzzzzzzzzzzzzzzzzzzz");
    await using server = await startWireServer(json(one({ ...rotationEntity, new_key: other }), 201));
    await using client = openClient(server.url);
    const { newSecret } = await client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0 });
    expect(newSecret.reveal()).toBe(other);
    expect(client.captured.lines.filter(({ level }) => level === 40)).toEqual([
      expect.objectContaining({ keyId: KEY_ID, namedKeyId: "apikey_01zzzzzzzzzzzzzzzzzzzzzzzz" }),
    ]);
  });

  it("keeps a new secret in a format that we do not know", async () => {
    const odd = "pdl_live_apikey2_something.entirely-new";
    await using server = await startWireServer(json(one({ ...rotationEntity, new_key: odd }), 201));
    await using client = openClient(server.url);
    const { newSecret } = await client.paddle.createRotation(KEY_ID, SECRET, { graceSeconds: 0 });
    expect(newSecret.reveal()).toBe(odd);
    expect(client.captured.lines.filter(({ level }) => level === 40)).toEqual([]);
  });
});
