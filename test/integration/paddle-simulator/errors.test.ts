/** The table of errors that Paddle documents, over real HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PaddleSimulator, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { type AskOptions, ask } from "./http-client.ts";

let paddle: PaddleSimulator;
beforeEach(async () => {
  paddle = await startPaddleSimulator({ switches: { requestsPerMinute: 20 } });
});
afterEach(() => paddle.close());

type Case = { readonly what: string; readonly options: AskOptions };

const withKey =
  (options: Parameters<PaddleSimulator["createKey"]>[0], what: string, body?: object) => (): Case => {
    const { id, secret } = paddle.createKey(options);
    return { what: what.replace("{id}", id), options: { secret, ...(body && { body }) } };
  };

const grace = { grace_period_seconds: 0 };

describe("Paddle's error", () => {
  it.each<[string, number, string, () => Case]>([
    [
      "authentication_missing",
      403,
      "Authentication header missing.",
      () => ({ what: "GET /api-keys", options: {} }),
    ],
    [
      "authentication_malformed",
      403,
      "Authentication header included, but incorrectly formatted.",
      () => ({ what: "GET /", options: { headers: { authorization: "Token x" } } }),
    ],
    [
      "invalid_token",
      403,
      "Invalid or revoked API key.",
      () => ({ what: "GET /", options: { secret: "wrong" } }),
    ],
    [
      "forbidden",
      403,
      "You aren't permitted to perform this request.",
      withKey({ permissions: [] }, "GET /api-keys"),
    ],
    [
      "api_key_cannot_be_rotated",
      400,
      "This API key doesn't support rotation.",
      withKey({ rotatable: false }, "POST /api-keys/{id}/rotations", grace),
    ],
    [
      "not_found",
      404,
      "Entity apikey_none not found",
      withKey({ permissions: ["api_key.read"] }, "GET /api-keys/apikey_none"),
    ],
    ["bad_request", 400, "Invalid request.", withKey({}, "POST /api-keys/{id}/rotations", {})],
    ["invalid_url", 404, "URL called is invalid.", withKey({}, "GET /products")],
  ])("%s has status %i, says %j and where to read about it", async (code, status, detail, given) => {
    const { what, options } = given();
    const { error, meta, ...answer } = await ask(paddle, what, options);
    expect(answer.status).toBe(status);
    const group = code === "api_key_cannot_be_rotated" ? "api_keys" : "shared";
    expect(error).toMatchObject({
      type: "request_error",
      code,
      detail,
      documentation_url: `https://developer.paddle.com/errors/${group}/${code}`,
    });
    expect(meta).toEqual({ request_id: expect.stringMatching(/^[\da-f-]{36}$/) });
  });

  it("bad_request names the fields and what is wrong with them", async () => {
    const { what, options } = withKey({}, "POST /api-keys/{id}/rotations", {
      grace_period_seconds: 90_000,
    })();
    const { error } = await ask(paddle, what, options);
    expect(error["errors"]).toEqual([
      { field: "grace_period_seconds", message: "must be between 0 and 86400" },
    ]);
  });

  it("too_many_requests has status 429, a Retry-After in seconds, the type api_error and no meta", async () => {
    for (let sent = 0; sent < 20; sent += 1) await ask(paddle, "GET /");
    const { status, headers, json } = await ask(paddle, "GET /");
    expect(status).toBe(429);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
    expect(json).toEqual({
      error: {
        type: "api_error",
        code: "too_many_requests",
        detail:
          "IP address exceeded the allowed rate limit. Retry after the number of seconds in the Retry-After header.",
        documentation_url: "https://developer.paddle.com/errors/shared/too_many_requests",
      },
    });
  });

  it("invalid_token is what every secret of a dead key gets, whatever killed it", async () => {
    const expired = paddle.createKey({ expiresAt: paddle.clock.now() + 1_000 });
    const revoked = paddle.createKey();
    const exposed = paddle.createKey();
    paddle.revoke(revoked.id, { by: "user" });
    paddle.expose(exposed.id);
    paddle.clock.advance(1_000);
    for (const { secret } of [expired, revoked, exposed]) {
      const { status, error } = await ask(paddle, "GET /", { secret });
      expect([status, error["code"]]).toEqual([403, "invalid_token"]);
    }
  });
});
