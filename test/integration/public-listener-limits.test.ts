/** What the public listener does with requests that are too large, too slow, or not for it. Over real sockets. */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventBody } from "../support/paddle-simulator/events.ts";
import {
  expiringBody,
  openPublicListener,
  type OpenListener,
  type Reply,
  WEBHOOK_PATH,
} from "../support/public-listener.ts";
import { openRaw, sendRaw } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

const LIMIT = 262_144;

/** The start of a webhook, up to where `more` goes on. */
const webhook = (more: string) => `POST ${WEBHOOK_PATH} HTTP/1.1\r\nHost: localhost\r\n${more}`;

let listener: OpenListener;

beforeEach(async () => {
  listener = await openPublicListener();
});

afterEach(async () => {
  await listener.close();
});

/** An event that asks for nothing. Its time is fixed, because the digits of its fraction depend on it. */
function padded(padding: string): string {
  return eventBody("transaction.completed", { padding }, { occurredAt: 0 });
}

/** An event of exactly so many bytes. */
function eventOf(bytes: number): string {
  const body = padded("x".repeat(bytes - padded("").length));
  expect(Buffer.byteLength(body)).toBe(bytes);
  return body;
}

function expectProblem(reply: Reply, status: number): void {
  expect(reply).toMatchObject({ status, headers: { "content-type": "application/problem+json" } });
  expect(JSON.parse(reply.text)).toMatchObject({ type: "about:blank", status });
}

function inChunks(body: string) {
  const headers = { "paddle-signature": listener.sign(body) };
  const chunks = body.match(/.{1,10000}/gs) ?? [];
  return listener.ask({
    method: "POST",
    path: WEBHOOK_PATH,
    headers,
    body: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
  });
}

describe("the size of a body", () => {
  it("may be 256 KiB to the byte", async () => {
    const body = eventOf(LIMIT);
    expect(await listener.deliver(body)).toMatchObject({ status: 200 });
    expect(await inChunks(body)).toMatchObject({ status: 200 });
  });

  it("may not be one byte more, announced or in chunks", async () => {
    const body = eventOf(LIMIT + 1);
    expectProblem(await listener.deliver(body), 413);
    expectProblem(await inChunks(body), 413);
    expect(listener.captured.lines).toMatchObject([
      { level: 40, status: 413, msg: "request refused" },
      { level: 40, status: 413, msg: "request refused" },
    ]);
  });

  it("is judged before the signature: who sends too much gets 413, signed or not", async () => {
    const forged = { "paddle-signature": "garbage" };
    expectProblem(await listener.deliver(eventOf(LIMIT + 1), forged), 413);
    expectProblem(await listener.deliver(eventOf(LIMIT), forged), 400);
  });
});

describe("the pieces of a body", () => {
  const pieces = (body: string) => body.replaceAll(/./gs, "1\r\n$&\r\n");

  it("may be as small as a byte", async () => {
    const body = expiringBody();
    const head = webhook(`Paddle-Signature: ${listener.sign(body)}\r\nTransfer-Encoding: chunked\r\n`);
    const answer = await sendRaw(listener.url, `${head}Connection: close\r\n\r\n${pieces(body)}0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("are not collected without end: Node makes an object of each, however small", async () => {
    const head = webhook("Transfer-Encoding: chunked\r\n\r\n");
    const answer = sendRaw(listener.url, head + pieces("x".repeat(50_000))).catch(() => "cut off");
    expect(["", "cut off"]).toContain(await answer);
    expect(listener.captured.lines).toMatchObject([{ level: 40, status: 413, msg: "request refused" }]);
  });
});

describe("paths and methods", () => {
  it.each([
    ["GET", "/"],
    ["POST", "/"],
    ["GET", "/queues"],
    ["GET", "/api/keys"],
    ["GET", "/metrics"],
    ["POST", "/webhooks"],
    ["POST", "/webhooks/paddle/"],
    ["POST", "/webhooks/paddle/x"],
    ["POST", "/Webhooks/Paddle"],
    ["PROPFIND", "/nowhere"],
  ])("has nothing at %s %s", async (method, path) => {
    expectProblem(await listener.ask({ method, path }), 404);
  });

  it("has nothing for a body either, whatever it is", async () => {
    const headers = { "content-type": "application/json" };
    expectProblem(await listener.ask({ method: "POST", path: "/", headers, body: "{garbage" }), 404);
  });

  it.each([
    ["GET", WEBHOOK_PATH, "POST"],
    ["PUT", WEBHOOK_PATH, "POST"],
    ["OPTIONS", `${WEBHOOK_PATH}?a=b`, "POST"],
    ["PROPFIND", WEBHOOK_PATH, "POST"],
    ["POST", "/livez", "GET, HEAD"],
    ["DELETE", "/readyz", "GET, HEAD"],
  ])("refuses %s %s and names the method that it takes", async (method, path, allow) => {
    const reply = await listener.ask({ method, path });
    expectProblem(reply, 405);
    expect(reply.headers["allow"]).toBe(allow);
  });

  it("takes a webhook with a query, which some set in their destination's address", async () => {
    const body = expiringBody();
    const headers = { "paddle-signature": listener.sign(body) };
    const reply = await listener.ask({
      method: "POST",
      path: `${WEBHOOK_PATH}?source=paddle`,
      headers,
      body,
    });
    expect(reply.status).toBe(200);
  });

  it("refuses a path that cannot be decoded, and does not repeat it", async () => {
    const reply = await listener.ask({ method: "GET", path: "/%zz-canary" });
    expectProblem(reply, 400);
    expect(reply.text).not.toContain("canary");
  });
});

describe("what is not quite HTTP", () => {
  it.each<[string, string, number]>([
    ["no HTTP at all", "\u0016\u0003\u0001canary\r\n\r\n", 400],
    ["more than 8 KiB of headers", webhook(`X-Canary: ${"canary".repeat(1_500)}\r\n\r\n`), 431],
    ["a body length twice", webhook("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), 400],
    [
      "a body length beside chunks",
      webhook("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      400,
    ],
    ["a chunk without a size", webhook("Transfer-Encoding: chunked\r\n\r\ncanary\r\n"), 400],
  ])("is refused: %s", async (_what, bytes, status) => {
    const answer = await sendRaw(listener.url, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("Content-Type: application/problem+json\r\n");
    expect(answer).toContain("Connection: close\r\n");
    expect(answer).not.toContain("canary");
  });

  it("is not taken for a webhook if the connection breaks in the middle of the body", async () => {
    const { app } = listener;
    const body = expiringBody();
    const closed = new Promise((resolve) => {
      app.server.once("connection", (socket) => socket.once("close", resolve));
    });
    const connection = openRaw(listener.url);
    connection.write(
      webhook(`Paddle-Signature: ${listener.sign(body)}\r\nContent-Length: ${body.length}\r\n\r\n`),
    );
    connection.write(body.slice(0, -1));
    connection.end();
    await closed;
    expect(listener.queue.puts).toEqual([]);
    expect(await listener.deliver(body)).toMatchObject({ status: 200 });
  });

  it("is not waited for: who has not sent headers or body after 5 s gets 408", async () => {
    const body = expiringBody();
    const slow = [
      webhook("X-Slow:"),
      webhook(
        `Paddle-Signature: ${listener.sign(body)}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
      ),
    ];
    const startedAt = performance.now();
    const answers = await Promise.all(slow.map((bytes) => sendRaw(listener.url, bytes)));
    const tookMs = performance.now() - startedAt;
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(tookMs).toBeGreaterThan(4_900);
    expect(tookMs).toBeLessThan(9_000);
  });
});

describe("connections", () => {
  it("are kept open for the next webhook, longer than a load balancer's 60 s", async () => {
    let connections = 0;
    listener.app.server.on("connection", () => (connections += 1));
    for (let count = 0; count < 5; count += 1)
      expect(await listener.deliver()).toMatchObject({
        status: 200,
        headers: { "keep-alive": "timeout=72" },
      });
    expect(connections).toBe(1);
  });

  it("are given up after 10 s without a byte in either direction", () => {
    expect(listener.app.server.timeout).toBe(10_000);
  });

  it("are not reset after an answer to a body that was not read", async () => {
    const body = "x".repeat(100_000);
    for (let count = 0; count < 3; count += 1)
      expectProblem(await listener.ask({ method: "POST", path: "/", body }), 404);
  });

  it("are served to their end when the listener closes", async () => {
    listener.queue.state = "silent";
    const inFlight = listener.deliver();
    await until("the job is put", () => listener.queue.puts.length === 1);
    const closed = listener.app.close();
    await until("the listener takes no new connections", () => !listener.app.server.listening);
    listener.queue.giveUp();
    const reply = await inFlight;
    expectProblem(reply, 503);
    expect(reply.headers["connection"]).toBe("close");
    await closed;
  });

  it("take the webhook that was already on its way when the listener closes", async () => {
    const { app } = listener;
    const accepted = new Promise<Socket>((resolve) => {
      app.server.once("connection", resolve);
    });
    const body = expiringBody();
    const connection = openRaw(listener.url);
    connection.write(webhook(`Paddle-Signature: ${listener.sign(body)}\r\n`));
    const socket = await accepted;
    await until("the first headers have arrived", () => socket.bytesRead > 0);
    const closed = app.close();
    await until("the listener takes no new connections", () => !app.server.listening);
    connection.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    const answer = await connection.received;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(listener.queue.jobs).toHaveLength(1);
    await closed;
  });
});
