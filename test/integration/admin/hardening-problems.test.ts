/** Whatever is refused under `/api` is refused in one form: a problem (RFC 9457) that repeats nothing of the request. */
import { STATUS_CODES } from "node:http";
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS } from "../../../src/core/slots.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Call } from "../../support/admin/call.ts";
import { CANARY, keyWith, STEADY, UNREADABLE } from "../../support/admin/keys.ts";
import { BASIC, CREDENTIALS, openAdmin } from "../../support/admin/world.ts";

const ROTATIONS = "/api/keys/billing/rotations";
const VIEWER = { user: { name: "support", password: new Secret("viewing") }, token: null };
const AS_VIEWER = { authorization: `Basic ${Buffer.from("support:viewing").toString("base64")}` };
const JSON_TYPE = { ...BASIC, "content-type": "application/json" };

const post = (body: unknown, headers: Record<string, string> = BASIC): Call => ({
  method: "POST",
  body,
  headers,
});

const REFUSED: readonly (readonly [status: number, what: string, path: string, call: Call])[] = [
  [400, "a body that is no JSON", ROTATIONS, post(`{"mode":${CANARY}`, JSON_TYPE)],
  [400, "a body that means nothing", ROTATIONS, post({ mode: CANARY })],
  [400, "a query that means nothing", `/api/rotations?before=${CANARY}`, { headers: BASIC }],
  [400, "a path that cannot be decoded", `/api/keys/%zz${CANARY}`, { headers: BASIC }],
  [401, "no credentials", "/api/keys", {}],
  [401, "wrong credentials", "/api/keys", { headers: { authorization: `Bearer ${CANARY}` } }],
  [403, "a viewer who wants to act", ROTATIONS, post({ mode: "graceful" }, AS_VIEWER)],
  [403, "a page of another site", ROTATIONS, post({}, { ...BASIC, origin: `https://${CANARY}.example` })],
  [404, "a path that is not served", `/api/${CANARY}`, { headers: BASIC }],
  [404, "an unknown key", `/api/keys/${CANARY}`, { headers: BASIC }],
  [404, "a rotation of an unknown key", `/api/keys/${CANARY}/rotations`, post({ mode: "graceful" })],
  [405, "a method that is not served", "/api/keys", post(CANARY, JSON_TYPE)],
  [409, "what the key's state does not allow", "/api/keys/empty/rotations", post({ mode: "graceful" })],
  [413, "a body that is too large", ROTATIONS, post({ mode: CANARY.repeat(4_000) })],
  [414, "a path that is too long", `/api/keys/${CANARY.repeat(60)}`, { headers: BASIC }],
  [415, "a form", ROTATIONS, post(CANARY, { ...BASIC, "content-type": "application/x-www-form-urlencoded" })],
  [415, "a body of no type", ROTATIONS, post(CANARY)],
  [422, "a key that is none", "/api/keys/billing/replacement", post({ key: CANARY })],
  [503, "what its store does not let do", "/api/keys/broken/rotations", post({ mode: "graceful" })],
];

describe("a refusal", () => {
  it.each(REFUSED)("is a problem: %s for %s", async (status, _what, path, request) => {
    const keys = [keyWith(STEADY), keyWith(EMPTY_SLOTS, "empty"), keyWith(UNREADABLE, "broken")];
    await using admin = await openAdmin({ signIn: { ...CREDENTIALS, viewer: VIEWER }, keys });
    const answer = await admin.call(path, request);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.json()).toMatchObject({ type: "about:blank", title: STATUS_CODES[status], status });
    expect(answer.text + JSON.stringify(answer.headers) + admin.logged.text()).not.toContain(CANARY);
  });

  it("is told to a program that sends HEAD by its status alone", async () => {
    await using admin = await openAdmin({ signIn: CREDENTIALS });
    const answer = await admin.call("/api/keys/nothing", { method: "HEAD", headers: BASIC });
    expect([answer.status, answer.text]).toEqual([404, ""]);
    expect((await admin.call("/api/keys", { method: "HEAD", headers: BASIC })).status).toBe(200);
  });
});
