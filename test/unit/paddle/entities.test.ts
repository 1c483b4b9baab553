import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ApiKeyEntity,
  DestinationEntity,
  IssuedRotationEntity,
  PastEventEntity,
  RotationEntity,
} from "../../../src/paddle/entities.ts";

// The examples of Paddle's API reference, "Get an API key" and "Create an API key rotation".
const KEY = {
  id: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
  name: "Billing worker",
  description: null,
  key: "pdl_live_apikey_01kaa1b2c3****",
  status: "active",
  permissions: ["api_key.read", "transaction.read"],
  exposed_at: null,
  expires_at: "2026-12-01T00:00:00Z",
  rotatable: true,
  last_used_at: "2026-11-20T22:14:05.120000Z",
  created_at: "2026-09-02T00:00:00.000000Z",
  updated_at: "2026-09-02T00:00:00.000000Z",
};
const NEW_SECRET = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
const ROTATION = {
  id: "apkrot_01kab0c1d2e3f4g5h6j7k8m9np",
  api_key_id: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
  new_key: NEW_SECRET,
  grace_period_seconds: 3600,
  status: "pending",
  expires_at: null,
  created_at: "2026-11-21T01:00:00.000000Z",
  updated_at: "2026-11-21T01:00:00.000000Z",
};

const readTime = (time: unknown) => ApiKeyEntity.safeParse({ ...KEY, expires_at: time }).data?.expiresAt;

describe("a key as Paddle sends it", () => {
  it("is read as documented", () => {
    expect(ApiKeyEntity.parse(KEY)).toEqual({
      id: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
      name: "Billing worker",
      status: "active",
      rotatable: true,
      expiresAt: Date.UTC(2026, 11, 1),
      exposedAt: null,
      permissions: ["api_key.read", "transaction.read"],
      lastUsedAt: Date.UTC(2026, 10, 20, 22, 14, 5, 120),
    });
  });

  it.each([
    ["fields that we do not know", { ...KEY, shape: { of: ["things", "to come"] } }, {}],
    ["a status that we do not know", { ...KEY, status: "paused" }, { status: "unknown" }],
    ["a status that is no text", { ...KEY, status: 7 }, { status: "unknown" }],
    ["no permissions, as legacy keys have", { ...KEY, permissions: null }, { permissions: null }],
    [
      "a permission that we do not know",
      { ...KEY, permissions: ["new.read"] },
      { permissions: ["new.read"] },
    ],
    ["no word on whether it is rotatable", { ...KEY, rotatable: null }, { rotatable: false }],
    ["no expiry", { ...KEY, expires_at: null }, { expiresAt: null }],
    ["an exposure", { ...KEY, exposed_at: "2026-11-21T02:00:00Z" }, { exposedAt: Date.UTC(2026, 10, 21, 2) }],
    ["no name", { ...KEY, name: null }, { name: "" }],
    ["never been used", { ...KEY, last_used_at: null }, { lastUsedAt: null }],
    ["a last use that is no time", { ...KEY, last_used_at: "lately" }, { lastUsedAt: null }],
  ])("may have %s", (_what, wire, expected) => {
    expect(ApiKeyEntity.parse(wire)).toMatchObject(expected);
  });

  it("may leave out every field but its id, as older editions of the API do with some", () => {
    expect(ApiKeyEntity.parse({ id: KEY.id })).toEqual({
      id: KEY.id,
      name: "",
      status: "unknown",
      rotatable: false,
      expiresAt: null,
      exposedAt: null,
      permissions: null,
      lastUsedAt: null,
    });
  });

  it.each([
    ["no id", { ...KEY, id: undefined }],
    ["an empty id", { ...KEY, id: "" }],
    ["an expiry that is no time, which must not be taken for none", { ...KEY, expires_at: "soon" }],
    ["an exposure that is no time, which must not be taken for none", { ...KEY, exposed_at: true }],
    ["permissions that are no list", { ...KEY, permissions: "all" }],
  ])("is not understood with %s", (_what, wire) => {
    expect(ApiKeyEntity.safeParse(wire).success).toBe(false);
  });
});

describe("a rotation as Paddle sends it", () => {
  it("is read as documented, without its secret", () => {
    const rotation = RotationEntity.parse(ROTATION);
    expect(rotation).toEqual({
      id: "apkrot_01kab0c1d2e3f4g5h6j7k8m9np",
      keyId: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn",
      status: "pending",
      graceSeconds: 3600,
      expiresAt: null,
      createdAt: Date.UTC(2026, 10, 21, 1),
    });
    expect(JSON.stringify(rotation)).not.toContain("pdl_");
  });

  it("is read with its secret where it was just created, the secret in its box", () => {
    const { rotation, newSecret } = IssuedRotationEntity.parse(ROTATION);
    expect(rotation).toEqual(RotationEntity.parse(ROTATION));
    expect(newSecret.reveal()).toBe(NEW_SECRET);
  });

  it("may leave out what only the webhook's page confirms", () => {
    const { id, api_key_id, new_key, grace_period_seconds } = ROTATION;
    expect(IssuedRotationEntity.parse({ id, api_key_id, new_key, grace_period_seconds }).rotation).toEqual({
      id,
      keyId: api_key_id,
      status: "unknown",
      graceSeconds: 3600,
      expiresAt: null,
      createdAt: null,
    });
  });

  it.each([
    ["status", { status: "paused" }, { status: "unknown" }],
    ["grace", { grace_period_seconds: "long" }, { graceSeconds: null }],
    ["time of creation", { created_at: "once" }, { createdAt: null }],
  ])("is not given up for an odd %s", (_what, odd, expected) => {
    expect(RotationEntity.parse({ ...ROTATION, ...odd })).toMatchObject(expected);
  });

  it("is not understood if the old secret's end is no time, because that secret may still live", () => {
    expect(RotationEntity.safeParse({ ...ROTATION, expires_at: "later" }).success).toBe(false);
  });

  it.each([
    ["is missing", undefined],
    ["is null", null],
    ["is empty", ""],
    ["is masked", "pdl_live_apikey_01kaa1b2c3****"],
    ["has a line break in it", `${NEW_SECRET}\r\n`],
    ["is no text", 42],
  ])("is not taken for issued if its secret %s", (_what, new_key) => {
    expect(IssuedRotationEntity.safeParse({ ...ROTATION, new_key }).success).toBe(false);
  });
});

describe("a past event as Paddle sends it", () => {
  const EVENT = {
    event_id: "evt_01kac0000000000000000000a1",
    event_type: "api_key.of_the_future",
    occurred_at: "soon",
    data: { id: "x", deep: [{ er: 1 }] },
  };

  it("is kept as it came, for whoever reads webhooks", () => {
    expect(PastEventEntity.parse(EVENT)).toEqual({ id: EVENT.event_id, body: EVENT });
  });

  it.each([undefined, null, "", 7])(
    "is not understood with the id %s, by which the next page is found",
    (id) => {
      expect(PastEventEntity.safeParse({ ...EVENT, event_id: id }).success).toBe(false);
    },
  );
});

describe("a destination as Paddle sends it", () => {
  const SECRET = "pdl_ntfset_01kad0000000000000000000d1_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY";
  const DESTINATION = {
    id: "ntfset_01kad0000000000000000000d1",
    description: "key watcher",
    type: "url",
    destination: "https://keys.example.com/paddle",
    active: true,
    api_version: 1,
    include_sensitive_fields: false,
    traffic_source: "platform",
    subscribed_events: [
      { name: "api_key.expiring", description: "…", group: "API key", available_versions: [1] },
    ],
    endpoint_secret_key: SECRET,
  };
  const WEBHOOKS = {
    id: "ntfset_01kad0000000000000000000d1",
    url: "https://keys.example.com/paddle",
    active: true,
    subscribedEvents: ["api_key.expiring"],
  };

  it("is read as documented, without the secret that its webhooks are signed with", () => {
    const destination = DestinationEntity.parse(DESTINATION);
    expect(destination).toEqual({ id: WEBHOOKS.id, webhooks: WEBHOOKS });
    expect(JSON.stringify(destination)).not.toContain(SECRET);
  });

  it.each([
    ["is switched off", { active: false }, { active: false }],
    ["is of a type that we do not know", { type: "queue" }, {}],
    [
      "names its events alone",
      { subscribed_events: ["api_key.expired"] },
      { subscribedEvents: ["api_key.expired"] },
    ],
  ])("is read if it %s", (_what, wire, expected) => {
    const { webhooks } = DestinationEntity.parse({ ...DESTINATION, ...wire });
    expect(webhooks).toEqual({ ...WEBHOOKS, ...expected });
  });

  it("has no webhooks if it is an e-mail address", () => {
    const wire = { ...DESTINATION, type: "email", destination: "ops@example.com" };
    expect(DestinationEntity.parse(wire)).toEqual({ id: DESTINATION.id, webhooks: null });
  });

  it.each([
    ["whether it is active", { active: undefined }],
    ["where it is", { destination: undefined }],
    ["what it is subscribed to", { subscribed_events: undefined }],
    ["its id", { id: undefined }],
  ])("is not understood without %s", (_what, wire) => {
    expect(DestinationEntity.safeParse({ ...DESTINATION, ...wire }).success).toBe(false);
  });
});

describe("a time as Paddle sends it", () => {
  it.each([
    ["2026-11-20T22:14:05Z", 5_000],
    ["2026-11-20T22:14:05.5Z", 5_500],
    ["2026-11-20T22:14:05.12Z", 5_120],
    ["2026-11-20T22:14:05.120000Z", 5_120],
    ["2026-11-20T22:14:05.120999999Z", 5_120],
    ["2026-11-20t22:14:05z", 5_000],
    ["2026-11-21T00:14:05+02:00", 5_000],
  ])("is %s", (text, ms) => {
    expect(readTime(text)).toBe(Date.UTC(2026, 10, 20, 22, 14) + ms);
  });

  it.each([
    "2026-11-20",
    "2026-11-20 22:14:05Z",
    "2026-11-20T22:14:05",
    "2026-11-20T22:14Z",
    "2026-11-20T22:14:05.Z",
    "2026-11-20T22:14:05.1234567890Z",
    "2026-02-30T00:00:00Z",
    "2026-11-20T25:00:00Z",
    "1763676845",
    1_763_676_845,
  ])("is never %s", (text) => {
    expect(readTime(text)).toBeUndefined();
  });

  it("keeps its milliseconds however many digits its fraction has", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date("2000-01-01T00:00:00Z"),
          max: new Date("2100-01-01T00:00:00Z"),
          noInvalidDate: true,
        }),
        fc.stringMatching(/^\d{0,6}$/),
        (date, digits) => {
          expect(readTime(date.toISOString().replace("Z", `${digits}Z`))).toBe(date.getTime());
        },
      ),
    );
  });
});
