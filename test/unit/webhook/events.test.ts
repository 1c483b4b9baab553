import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../src/webhook/events.ts";
import {
  EVENT_TYPES,
  eventBody,
  exposureData,
  keyData,
  rotationData,
} from "../../support/paddle-simulator/events.ts";
import { verified } from "./verified.ts";

const EVENT = "evt_01kac0000000000000000000a1";
const KEY = "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";
const ROTATION = "apkrot_01kab0c1d2e3f4g5h6j7k8m9np";
const OCCURRED = Date.UTC(2026, 10, 24, 0, 0, 3, 120);

const parse = (body: string | Buffer) => parseEvent(verified(body));
const parseJson = (body: unknown) => parse(JSON.stringify(body));

function dataOf(type: string): object {
  if (type.startsWith("api_key_exposure")) return exposureData();
  if (type.startsWith("api_key_rotation")) return rotationData();
  return keyData();
}

const envelope = {
  event_id: EVENT,
  event_type: "api_key.expiring",
  occurred_at: "2026-11-24T00:00:03.120000Z",
};

describe("parsing a verified body", () => {
  it.each(["created", "updated", "expiring", "expired", "revoked"])("reads api_key.%s", (what) => {
    const type = `api_key.${what}`;
    const body = eventBody(type, keyData({ id: KEY }), { eventId: EVENT, occurredAt: OCCURRED });
    expect(parse(body)).toEqual({
      event: {
        kind: "key",
        id: EVENT,
        type,
        occurredAt: OCCURRED,
        keyId: KEY,
        keyExpiresAt: Date.UTC(2026, 11, 1),
        keyExposedAt: null,
      },
    });
  });

  it("reads api_key_exposure.created", () => {
    const type = "api_key_exposure.created";
    const body = eventBody(type, exposureData(), { eventId: EVENT, occurredAt: OCCURRED });
    expect(parse(body)).toEqual({
      event: { kind: "exposure", id: EVENT, type, occurredAt: OCCURRED, keyId: KEY },
    });
  });

  it.each(["created", "updated"])("reads api_key_rotation.%s", (what) => {
    const type = `api_key_rotation.${what}`;
    const body = eventBody(type, rotationData(), { eventId: EVENT, occurredAt: OCCURRED });
    expect(parse(body)).toEqual({
      event: { kind: "rotation", id: EVENT, type, occurredAt: OCCURRED, keyId: KEY, rotationId: ROTATION },
    });
  });

  it.each(["transaction.completed", "api_key.reactivated", "constructor", "__proto__"])(
    "lets the unknown type %s pass, whatever its data",
    (type) => {
      const body = eventBody(type, [], { eventId: EVENT, occurredAt: OCCURRED });
      expect(parse(body)).toEqual({ event: { kind: "other", id: EVENT, type, occurredAt: OCCURRED } });
    },
  );

  it("lets unknown fields and missing ones that it does not need pass", () => {
    const body = { ...envelope, api_version: 2, data: { id: KEY, expires_at: null, colour: "red" } };
    expect(parseJson(body)).toMatchObject({ event: { keyId: KEY, keyExpiresAt: null } });
  });

  it.each([undefined, null, "soon", 42])("takes an expiry that says %s for unknown", (expiresAt) => {
    const body = { ...envelope, data: { id: KEY, expires_at: expiresAt } };
    expect(parseJson(body)).toMatchObject({ event: { keyId: KEY, keyExpiresAt: null } });
  });

  it("reads when a revoked key had been found in public", () => {
    const data = { ...keyData({ id: KEY }), exposed_at: "2026-11-21T02:00:00Z" };
    const body = { ...envelope, event_type: "api_key.revoked", data };
    expect(parseJson(body)).toMatchObject({ event: { keyExposedAt: Date.UTC(2026, 10, 21, 2) } });
  });

  it.each([undefined, null, "yesterday", 42])("takes an exposure at %s for none", (exposedAt) => {
    const body = { ...envelope, event_type: "api_key.revoked", data: { id: KEY, exposed_at: exposedAt } };
    expect(parseJson(body)).toMatchObject({ event: { keyExposedAt: null } });
  });

  it.each([
    ["2026-11-24T00:00:03Z", 3_000],
    ["2026-11-24T00:00:03.5Z", 3_500],
    ["2026-11-24T00:00:03.120000Z", 3_120],
    ["2026-11-24T01:00:03.120+01:00", 3_120],
  ])("reads the time %s", (text, ms) => {
    const body = { ...envelope, occurred_at: text, data: { id: KEY } };
    expect(parseJson(body)).toMatchObject({ event: { occurredAt: Date.UTC(2026, 10, 24) + ms } });
  });
});

describe("a verified body that is not an event", () => {
  it.each<[string, Buffer]>([
    ["is empty", Buffer.alloc(0)],
    ["is not JSON", Buffer.from("hello-world")],
    ["is cut short", Buffer.from(JSON.stringify({ ...envelope, data: keyData() }).slice(0, -1))],
    [
      "starts with a byte order mark",
      Buffer.from(`\ufeff${JSON.stringify({ ...envelope, data: keyData() })}`),
    ],
    ["is not UTF-8", Buffer.from(JSON.stringify({ ...envelope, data: keyData({ name: "é" }) }), "latin1")],
    ["is UTF-16", Buffer.from(JSON.stringify({ ...envelope, data: keyData() }), "utf16le")],
    ["is nested a hundred thousand times", Buffer.from("[".repeat(100_000))],
    ["is null", Buffer.from("null")],
    ["is a list", Buffer.from("[]")],
    ["is text", Buffer.from('"api_key.expiring"')],
    ["is an empty object", Buffer.from("{}")],
  ])("is refused if it %s", (_what, body) => {
    expect(parse(body)).toEqual({ notAnEvent: expect.any(String) });
  });

  it.each<[string, object]>([
    ["without an event id", { event_id: undefined }],
    ["with the id of something else", { event_id: "ntf_01kac0000000000000000000a1" }],
    ["with something before its event id", { event_id: `x${EVENT}` }],
    ["with an event id that is no job id", { event_id: "evt_a:b" }],
    ["with an event id that walks out of its path", { event_id: "evt_../../x" }],
    ["with an event id of more than 64 characters", { event_id: `evt_${"a".repeat(65)}` }],
    ["with a line break after its event id", { event_id: `${EVENT}\n` }],
    ["without a type", { event_type: undefined }],
    ["with an empty type", { event_type: "" }],
    ["with a type that is not text", { event_type: 1 }],
    ["without a time", { occurred_at: undefined }],
    ["with a time that is none", { occurred_at: "2026-13-01T00:00:00Z" }],
    ["with a time in seconds", { occurred_at: 1_763_700_000 }],
    ["with a time without a zone", { occurred_at: "2026-11-24T00:00:03" }],
  ])("is one %s", (_what, fields) => {
    const faulty = { ...envelope, data: keyData(), ...fields };
    expect(parseJson(faulty)).toEqual({ notAnEvent: expect.any(String) });
  });

  it("may have an event id of up to 64 characters, more than Paddle documents", () => {
    const body = { ...envelope, event_id: `evt_${"aZ9_-".repeat(13).slice(0, 64)}`, data: keyData() };
    expect(parseJson(body)).toHaveProperty("event");
  });

  it.each(EVENT_TYPES)("is a %s that does not say which key it is about", (type) => {
    const field = type.startsWith("api_key.") ? "id" : "api_key_id";
    const bodies = [
      undefined,
      null,
      [],
      {},
      { ...dataOf(type), [field]: undefined },
      { ...dataOf(type), [field]: "x" },
    ];
    for (const data of bodies) {
      const result = parseJson({ ...envelope, event_type: type, data });
      expect(result).toEqual({ notAnEvent: expect.stringMatching(/^data/) });
    }
  });

  it.each(["created", "updated"])("is an api_key_rotation.%s that does not say which rotation", (what) => {
    for (const id of [undefined, "x", KEY]) {
      const data = { ...rotationData(), id };
      const result = parseJson({ ...envelope, event_type: `api_key_rotation.${what}`, data });
      expect(result).toEqual({ notAnEvent: expect.stringMatching(/^data\.id: /) });
    }
  });

  it("is described without a word of what it says", () => {
    const canary = "canary_4f1d";
    const fields = { event_id: canary, occurred_at: canary, data: { id: canary, [canary]: canary } };
    expect(JSON.stringify(parseJson({ ...envelope, ...fields }))).not.toContain(canary);
  });

  it("never makes parsing throw", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parse(Buffer.from(bytes))));
    const type = fc.constantFrom<string>(...EVENT_TYPES, "other");
    fc.assert(
      fc.property(fc.record({ event_type: type, data: fc.jsonValue() }), fc.jsonValue(), (some, any) => {
        parseJson({ ...envelope, ...some });
        parseJson(any);
      }),
    );
  });
});
