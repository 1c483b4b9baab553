import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Effect, Retry } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Call } from "../../../src/paddle/call.ts";
import type { Failed } from "../../../src/paddle/exchange.ts";
import { incomplete, isDeadCredential, noAnswer, refusal } from "../../../src/paddle/failure.ts";
import { readContent, readReply } from "../../../src/paddle/reply.ts";

const SECRET = "pdl_live_apikey_01kaa1b2c3d4e5f6g7h8j9k0mn_Zx8vB1nM2qW3eR4tY5uI6o_k9Q";
const REQUEST_ID = "8f1d2c3b-4a5e-4f60-9b7c-0d1e2f3a4b5c";
const PATH = "/api-keys/apikey_01kaa1b2c3d4e5f6g7h8j9k0mn";

const secret = new Secret(SECRET);
const read: Call = { method: "GET", path: PATH, secret, mayChange: "nothing" };
const ask: Call = { method: "GET", path: PATH, secret, mayChange: "activation" };
const rotate: Call = { method: "POST", path: `${PATH}/rotations`, secret, mayChange: "rotation" };

/** An error as Paddle documents it, "API reference, About, Errors". */
const problem = (code: string, more: object = {}) =>
  JSON.stringify({
    error: {
      type: "request_error",
      code,
      detail: "What went wrong.",
      documentation_url: "https://x",
      ...more,
    },
    meta: { request_id: REQUEST_ID },
  });
const refused = (call: Call, status: number, body: string) =>
  refusal(call, readReply(status, body, call.secret));

const root = new URL("https://api.paddle.com");
const failed = (more: Partial<Failed>): Failed => ({
  kind: "failed",
  sent: true,
  reset: false,
  fault: "ECONNRESET",
  tookMs: 12,
  ...more,
});

const PROXY_PAGE = "<html><body>Access denied by Corporate Firewall</body></html>";

describe("a refusal", () => {
  // [what, status, Paddle's code (null: a proxy's page), retry, effect on asking, effect on a rotation]
  it.each<[string, number, string | null, Retry, Effect, Effect]>([
    ["a dead credential", 403, "invalid_token", "never", "none", "none"],
    ["a dead credential, should Paddle turn to 401", 401, "invalid_token", "never", "none", "none"],
    ["a malformed credential", 403, "authentication_malformed", "never", "none", "none"],
    ["a missing credential", 403, "authentication_missing", "never", "none", "none"],
    ["a missing permission", 403, "forbidden", "never", "unknown", "none"],
    ["a key that cannot be rotated", 400, "api_key_cannot_be_rotated", "never", "unknown", "none"],
    ["an unknown entity", 404, "not_found", "never", "unknown", "none"],
    ["a code that we do not know", 422, "brand_new_code", "never", "unknown", "none"],
    ["a request timeout", 408, "request_timeout", "later", "unknown", "none"],
    ["a conflict", 409, "concurrent_modification", "later", "unknown", "none"],
    ["the rate limit", 429, "too_many_requests", "later", "none", "none"],
    ["an error of Paddle's", 500, "internal_error", "later", "unknown", "unknown"],
    ["an outage that calls the credential dead", 503, "invalid_token", "later", "unknown", "unknown"],
    ["a rate limit that is a proxy's", 429, null, "later", "none", "none"],
    ["a proxy's refusal", 403, null, "later", "unknown", "unknown"],
    ["a gateway's error", 502, null, "later", "unknown", "unknown"],
    ["a redirect", 307, null, "later", "unknown", "unknown"],
  ])("says what it means: %s", (_what, status, code, retry, onAsk, onRotate) => {
    const body = code === null ? PROXY_PAGE : problem(code);
    const expected = { status, retry, code: code ?? (status === 307 ? "redirected" : "unreadable_answer") };
    expect(refused(read, status, body)).toMatchObject({ ...expected, effect: "none" });
    expect(refused(ask, status, body)).toMatchObject({ ...expected, effect: onAsk });
    expect(refused(rotate, status, body)).toMatchObject({ ...expected, effect: onRotate });
  });

  it.each([
    ["another gateway's JSON", JSON.stringify({ error: "invalid_token" })],
    ["an error without the type that Paddle's have", JSON.stringify({ error: { code: "invalid_token" } })],
    ["a code that is no word", problem("<b>invalid_token</b>")],
    ["a list", "[]"],
    ["null", "null"],
    ["a page that speaks of it", "<html>invalid_token</html>"],
  ])("is not read as a dead credential from %s", (_what, body) => {
    const error = refused(ask, 403, body);
    expect(isDeadCredential(error)).toBe(false);
    expect(error.code).toBe("unreadable_answer");
  });

  it.each([
    ["invalid_token, 403", 403, "invalid_token", true],
    ["authentication_malformed, 403", 403, "authentication_malformed", true],
    ["forbidden, 403", 403, "forbidden", false],
    ["authentication_missing, 403", 403, "authentication_missing", false],
    ["invalid_token with an error of Paddle's own", 500, "invalid_token", false],
  ])("is Paddle's word on a credential only with its code: %s", (_what, status, code, dead) => {
    expect(isDeadCredential(refused(ask, status, problem(code)))).toBe(dead);
  });

  it("names the call, the status, the code, Paddle's detail and the request", () => {
    const error = refused(rotate, 400, problem("api_key_cannot_be_rotated"));
    expect(error.message).toBe(
      `POST ${PATH}/rotations: Paddle answered 400 api_key_cannot_be_rotated, "What went wrong." (request ${REQUEST_ID})`,
    );
    expect(error).toMatchObject({ status: 400, requestId: REQUEST_ID, fields: [] });
  });

  it("names the fields that Paddle found fault with, and not what it says about them", () => {
    const errors = [
      { field: "new_key_expires_at", message: "must be within a year" },
      { field: "grace_period_seconds", message: "must be a number" },
    ];
    const error = refused(rotate, 400, problem("bad_request", { errors }));
    expect(error.fields).toEqual(["new_key_expires_at", "grace_period_seconds"]);
    expect(error.message).not.toContain("within a year");
  });

  it("says what to look at when the answer is not Paddle's, and nothing of what it said", () => {
    expect(refused(read, 403, PROXY_PAGE).message).toMatch(
      /403 unreadable_answer.*check PADDLE_API_URL and any proxy/,
    );
    expect(refused(read, 403, PROXY_PAGE).message).not.toContain("Firewall</");
    expect(refused(read, 301, "").message).toMatch(/redirects are never followed/);
  });

  it("needs no request id, which the rate limit's documented example lacks", () => {
    const error = refused(
      read,
      429,
      JSON.stringify({ error: { type: "api_error", code: "too_many_requests" } }),
    );
    expect(error.requestId).toBeNull();
    expect(error.message).toBe(`GET ${PATH}: Paddle answered 429 too_many_requests`);
  });

  it.each([
    ["the detail", problem("bad_request", { detail: `The key ${SECRET} is bad` })],
    ["a field's name", problem("bad_request", { errors: [{ field: SECRET, message: SECRET }] })],
    ["the code", problem(SECRET)],
    [
      "the request id",
      JSON.stringify({ error: { type: "x", code: "bad_request" }, meta: { request_id: SECRET } }),
    ],
  ])("shows no secret that Paddle echoes in %s", (_what, body) => {
    const error = refused(rotate, 400, body);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(SECRET);
  });

  it("shows no secret that was sent, however short and odd, where Paddle echoes it", () => {
    const odd = "odd_secret_1";
    const call: Call = { ...read, secret: new Secret(odd) };
    const error = { type: "x", code: odd, detail: odd, errors: [{ field: odd }] };
    const body = JSON.stringify({ error, meta: { request_id: odd } });
    expect(inspect(refused(call, 400, body), { depth: null, showHidden: true })).not.toContain(odd);
  });

  it.each(["a b", "line\nbreak", "\u001b[31m-red-", "short", "x".repeat(48), 7])(
    "takes nothing for a request id that cannot be one: %j",
    (request_id) => {
      const body = JSON.stringify({ error: { type: "x", code: "not_found" }, meta: { request_id } });
      expect(refused(read, 404, body).requestId).toBeNull();
    },
  );

  it("names ten fields at most", () => {
    const errors = Array.from({ length: 11 }, (_, index) => ({ field: `field_${index}` }));
    expect(refused(rotate, 400, problem("bad_request", { errors })).fields).toHaveLength(10);
  });

  it("shows no secret that was passed in the place of an id", () => {
    const error = refused({ ...read, path: `/api-keys/${SECRET}` }, 404, problem("not_found"));
    expect(error.message).toMatch(/^GET \/api-keys\/\[hidden\]: /);
  });
});

describe("an answer that lacks what was asked for", () => {
  const schema = z.object({ data: z.object({ new_key: z.string() }) });
  const lacking = (call: Call, body: string) => {
    const reply = readReply(201, body, secret);
    const content = readContent(reply, schema);
    return incomplete(call, reply, "faults" in content ? content.faults : []);
  };

  it.each<[string, Call, Effect]>([
    ["a rotation may have happened", rotate, "unknown"],
    ["a secret may have been activated", ask, "unknown"],
    ["a read changed nothing", read, "none"],
  ])("leaves open what was done: %s", (_what, call, effect) => {
    expect(lacking(call, "{}")).toMatchObject({
      code: "unreadable_answer",
      status: 201,
      effect,
      retry: "later",
    });
  });

  it("names the field that is missing, and nothing of what there is", () => {
    const body = JSON.stringify({ data: { new_kye: SECRET }, meta: { request_id: REQUEST_ID } });
    expect(lacking(rotate, body).message).toBe(
      `POST ${PATH}/rotations: Paddle answered 201 but not as documented (missing or malformed: data.new_key) (request ${REQUEST_ID})`,
    );
  });

  it.each(["", "<html>", '{"data":'])("says that the body is not JSON: %s", (body) => {
    expect(lacking(rotate, body).message).toContain("(the body is not JSON)");
  });
});

describe("no answer", () => {
  it.each<[string, Call, boolean, string, Effect]>([
    ["a rotation that was sent may have happened", rotate, true, "no_answer", "unknown"],
    ["a secret that was sent may have been activated", ask, true, "no_answer", "unknown"],
    ["a read changed nothing", read, true, "no_answer", "none"],
    ["a rotation that was not sent did not happen", rotate, false, "not_connected", "none"],
    ["a secret that was not sent was not activated", ask, false, "not_connected", "none"],
  ])("means that %s", (_what, call, sent, code, effect) => {
    const error = noAnswer(call, root, failed({ sent }));
    expect(error).toMatchObject({ code, effect, retry: "later", status: null, requestId: null });
  });

  it("says whether it was sent, and what to look at if not", () => {
    expect(noAnswer(rotate, root, failed({})).message).toBe(
      `POST ${PATH}/rotations: sent, but no whole answer came (ECONNRESET after 12 ms); Paddle may have acted on it`,
    );
    expect(noAnswer(rotate, root, failed({ sent: false, fault: "ENOTFOUND" })).message).toBe(
      `POST ${PATH}/rotations: not sent: no connection to https://api.paddle.com (ENOTFOUND): check DNS, firewall and TLS`,
    );
  });
});
