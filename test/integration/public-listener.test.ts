/** What Paddle sees at `POST /webhooks/paddle`, over real sockets. */
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventBody, keyData } from "../support/paddle-simulator/events.ts";
import { signWebhook } from "../support/paddle-simulator/sign.ts";
import {
  expiringBody,
  openPublicListener,
  type OpenListener,
  type Reply,
  WEBHOOK_PATH,
  WEBHOOK_SECRET,
} from "../support/public-listener.ts";

let listener: OpenListener;

beforeEach(async () => {
  listener = await openPublicListener();
});

afterEach(async () => {
  await listener.close();
});

const ACCEPTED = { status: 200, text: '{"received":true}' };

/** Checks that an answer is a problem with this status and nothing else in it, and returns its detail. */
function problemOf(reply: Reply, status: number): unknown {
  expect(reply.status).toBe(status);
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  const { detail, ...rest } = JSON.parse(reply.text);
  expect(rest).toEqual({ type: "about:blank", title: expect.any(String), status });
  return detail;
}

describe("a signed webhook", () => {
  it("is answered with 200 once its job is queued", async () => {
    expect(await listener.deliver(expiringBody("evt_01kac0000000000000000000a1"))).toMatchObject(ACCEPTED);
    expect(listener.queue.jobs).toMatchObject([{ job: "rotate", eventId: "evt_01kac0000000000000000000a1" }]);
  });

  it("is accepted if another of the configured secrets signed it", async () => {
    const body = expiringBody();
    const signature = signWebhook("the secret of an older destination", body, listener.clock.now() / 1_000);
    expect(await listener.deliver(body, { "paddle-signature": signature })).toMatchObject(ACCEPTED);
  });

  it.each([
    "application/json; charset=utf-8",
    "application/vnd.paddle+json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "garbage",
    ";;;",
    "",
  ])("is accepted with the content type %j: the signature is the check", async (contentType) => {
    expect(await listener.deliver(expiringBody(), { "content-type": contentType })).toMatchObject(ACCEPTED);
  });

  it("is accepted without a content type", async () => {
    const body = expiringBody();
    const headers = { "paddle-signature": listener.sign(body) };
    expect(await listener.ask({ method: "POST", path: WEBHOOK_PATH, headers, body })).toMatchObject(ACCEPTED);
  });

  it("is accepted in chunks that cut its characters apart", async () => {
    const body = Buffer.from(eventBody("api_key.expiring", keyData({ name: "Büro 🗝 東京" })));
    const bytes = [...body].map((byte) => Buffer.of(byte));
    const headers = { "paddle-signature": listener.sign(body), "content-type": "application/json" };
    const reply = await listener.ask({
      method: "POST",
      path: WEBHOOK_PATH,
      headers,
      body: Readable.from(bytes),
    });
    expect(reply).toMatchObject(ACCEPTED);
  });

  it("is verified as the bytes that came, not as the JSON that they mean", async () => {
    const spaced = JSON.stringify(JSON.parse(expiringBody()), null, 2);
    expect(await listener.deliver(spaced)).toMatchObject(ACCEPTED);
    const compact = JSON.stringify(JSON.parse(spaced));
    problemOf(await listener.deliver(compact, { "paddle-signature": listener.sign(spaced) }), 401);
  });

  it("says nothing of the software that answers", async () => {
    const { headers } = await listener.deliver();
    expect(Object.keys(headers).toSorted()).toEqual([
      "connection",
      "content-length",
      "content-type",
      "date",
      "keep-alive",
    ]);
  });

  it("is accepted with the content encoding identity, which is none", async () => {
    expect(await listener.deliver(expiringBody(), { "content-encoding": "Identity" })).toMatchObject(
      ACCEPTED,
    );
  });
});

describe("a webhook that is refused", () => {
  it.each([
    ["no signature", {}],
    ["an empty signature", { "paddle-signature": "" }],
    ["a signature that is none", { "paddle-signature": "garbage" }],
  ])("gets 400 for %s", async (_what, headers) => {
    const reply = await listener.ask({ method: "POST", path: WEBHOOK_PATH, headers, body: expiringBody() });
    expect(problemOf(reply, 400)).toContain("Malformed signature header");
  });

  it("gets 400 for two signature headers, even if both are right", async () => {
    const body = expiringBody();
    const signature = listener.sign(body);
    problemOf(await listener.deliver(body, { "paddle-signature": [signature, signature] }), 400);
  });

  it("gets 401 for a signature by a secret that is not configured", async () => {
    const body = expiringBody();
    const signature = signWebhook("wrong", body, listener.clock.now() / 1_000);
    const reply = await listener.deliver(body, { "paddle-signature": signature });
    expect(problemOf(reply, 401)).toBe("The signature does not match.");
  });

  it.each([
    ["old", -5, 200],
    ["old", -6, 401],
    ["in the future", 5, 200],
    ["in the future", 6, 401],
  ])("by its time: %s by %i s is answered with %i", async (_what, seconds, status) => {
    const body = expiringBody();
    const signature = signWebhook(WEBHOOK_SECRET, body, listener.clock.now() / 1_000 + seconds);
    const reply = await listener.deliver(body, { "paddle-signature": signature });
    expect(reply.status).toBe(status);
    expect(listener.alerts.map(({ kind }) => kind)).toEqual(status === 200 ? [] : ["clock-skew"]);
  });

  it.each([
    ["empty", Buffer.alloc(0)],
    ["with a byte order mark", Buffer.from(`\ufeff${expiringBody()}`)],
    ["not UTF-8", Buffer.concat([Buffer.from(expiringBody()), Buffer.of(0xff)])],
    ["not JSON", Buffer.from("hello-world")],
    ["not an event", Buffer.from("{}")],
    ["about no key", Buffer.from(eventBody("api_key.expired", {}))],
  ])("gets 400 if it is signed but %s", async (_what, body) => {
    expect(problemOf(await listener.deliver(body), 400)).toBe("The body is signed, but it is not an event.");
    expect(listener.queue.puts).toEqual([]);
  });

  it.each([
    ["is no JSON", Buffer.from("{garbage")],
    ["would pollute a prototype", Buffer.from('{"__proto__":{"polluted":true}}')],
    ["is empty", Buffer.alloc(0)],
  ])("gets 401, and no word on the body, if it is not signed and %s", async (_what, body) => {
    const forged = `ts=${listener.clock.now() / 1_000};h1=${"0".repeat(64)}`;
    const reply = await listener.deliver(body, { "paddle-signature": forged });
    expect(problemOf(reply, 401)).toBe("The signature does not match.");
  });

  it.each(["gzip", "br", "deflate", "identity, gzip", "x-unknown"])(
    "gets 415 for the content encoding %s, signed or not",
    async (encoding) => {
      const body = gzipSync(expiringBody());
      expect(problemOf(await listener.deliver(body, { "content-encoding": encoding }), 415)).toContain(
        "without Content-Encoding",
      );
      expect(listener.captured.lines).toMatchObject([{ level: 40 }]);
    },
  );

  it("is told nothing of what it sent", async () => {
    const canary = "canary-7d1e";
    const body = eventBody("api_key.expired", { id: canary });
    const replies = await Promise.all([
      listener.deliver(body),
      listener.deliver(canary, { "paddle-signature": `ts=1700000000;${canary}` }),
      listener.deliver(canary, { "paddle-signature": `ts=1700000000;h1=${canary}` }),
      listener.deliver(canary, { "content-encoding": canary }),
      listener.ask({ method: "POST", path: `/${canary}?${canary}`, headers: { [canary]: canary } }),
      listener.ask({ method: "PUT", path: `${WEBHOOK_PATH}?${canary}`, body: canary }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 401, 415, 404, 405]);
    for (const { text, headers } of replies) expect(text + JSON.stringify(headers)).not.toContain(canary);
    expect(listener.captured.text()).not.toContain(canary);
  });
});

describe("a queue that does not take the job", () => {
  it("makes Paddle come back, and takes the event then, without a restart", async () => {
    const body = expiringBody();
    listener.queue.state = "down";
    const refused = await listener.deliver(body);
    problemOf(refused, 503);
    expect(refused.headers["retry-after"]).toBe("10");
    listener.queue.state = "up";
    expect(await listener.deliver(body)).toMatchObject(ACCEPTED);
    expect(listener.queue.jobs).toHaveLength(1);
  });
});

describe("a fault of our own", () => {
  it("is a 500 without a word on its cause, which is in the log", async () => {
    const broken = await openPublicListener({
      keyNames: () => {
        throw new Error("a bug with a secret path /etc/rotator");
      },
    });
    const reply = await broken.deliver();
    await broken.close();
    expect(problemOf(reply, 500)).toBeUndefined();
    expect(broken.captured.lines).toMatchObject([
      { level: 50, msg: "request failed", err: { message: expect.stringContaining("a bug") } },
    ]);
  });
});
