/** What `conformance` sees of an answer: the wire as it is, but no secret that could be shown. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openClient, SECRET } from "./paddle/paddle-samples.ts";
import { type Answer, json, startWireServer } from "./paddle/wire-server.ts";

const NEW = `pdl_sdbx_apikey_${"a".repeat(26)}_${"B".repeat(22)}_abc`;

async function observe(
  answer: Answer,
  as: Secret | "sandbox" = SECRET,
  body?: Record<string, string | null>,
) {
  await using server = await startWireServer(answer);
  await using client = openClient(server.url);
  const seen = await client.paddle.observe({
    method: body ? "POST" : "GET",
    path: "/x",
    as,
    ...(body && { body }),
  });
  return { seen, request: server.seen[0], log: client.captured.text() };
}

describe("an observation", () => {
  it("has every secret in its box, however deep it lies", async () => {
    const data = [{ id: "apkrot_1", new_key: NEW, more: { endpoint_secret_key: NEW } }];
    const { seen, log } = await observe(json({ data, meta: {} }));
    expect(log).not.toContain(NEW);
    expect(JSON.stringify(seen) + inspect(seen, { depth: 9 })).not.toContain(NEW);
    const [item] = seen.data as [{ id: string; new_key: Secret }];
    expect(item.id).toBe("apkrot_1");
    expect(item.new_key.equals(new Secret(NEW))).toBe(true);
  });

  it("has the headers about rate limits and no others", async () => {
    const headers = { "X-RateLimit-Remaining": "239", "RateLimit-Policy": "240;w=60", "set-cookie": "a=b" };
    const { seen } = await observe(json({ data: {} }, 200, headers));
    expect(seen.limits).toEqual({ "x-ratelimit-remaining": "239", "ratelimit-policy": "240;w=60" });
  });

  it("is a refusal's status, code and fields, and no error", async () => {
    const error = {
      type: "request_error",
      code: "bad_request",
      detail: "Invalid.",
      errors: [{ field: "f", message: "m" }],
    };
    const { seen } = await observe(json({ error }, 400));
    expect(seen).toEqual({ status: 400, code: "bad_request", fields: ["f"], data: null, limits: {} });
  });

  it("is of a request without credentials where an environment asks", async () => {
    const { request } = await observe(json({ data: {} }), "sandbox");
    expect(request?.headers.authorization).toBeUndefined();
  });

  it("is of a request whose body may say null", async () => {
    const { request } = await observe(json({ data: {} }), SECRET, { new_key_expires_at: null });
    expect(request?.body).toBe('{"new_key_expires_at":null}');
  });
});
