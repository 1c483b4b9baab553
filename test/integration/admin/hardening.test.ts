/** What every answer of the admin listener has in common, the bad ones above all. */
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openAdmin } from "../../support/admin/world.ts";
import { until } from "../../support/until.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Sends bytes that no HTTP client would and reads all that comes back. */
async function sendRaw(origin: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  return text(socket);
}

describe("every answer", () => {
  it.each([
    ["200", "/api/keys", 200],
    ["200 of health", "/livez", 200],
    ["200 of a page", "/", 200],
    ["404", "/nothing-here", 404],
    ["404 of a page", "/queues/nothing-here", 404],
    ["404 of a file", "/queues/static/nothing-here.js", 404],
  ])("(%s) names no product and tells browsers to be strict", async (_what, path, status) => {
    await using admin = await openAdmin();
    const { headers, status: actual } = await admin.call(path);
    expect(actual).toBe(status);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "cache-control": "no-store",
    });
    expect(headers).not.toHaveProperty("server");
    expect(headers).not.toHaveProperty("x-powered-by");
  });
});

describe("what is not served", () => {
  it.each([
    "/nothing-here",
    "/api",
    "/api/keys/",
    "/api/keys/a/b",
    "/webhooks/paddle",
    "/queues/queue/rotations/1/2",
  ])("is a problem 404: %s", async (path) => {
    await using admin = await openAdmin();
    const answer = await admin.call(path);
    expect(answer.status).toBe(404);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json()).toMatchObject({ type: "about:blank", title: "Not Found", status: 404 });
  });

  it.each([
    ["POST", "/", "GET, HEAD"],
    ["DELETE", "/livez", "GET, HEAD"],
    ["PUT", "/readyz", "GET, HEAD"],
    ["POST", "/api/keys", "GET, HEAD"],
    ["OPTIONS", "/api/keys", "GET, HEAD"],
    ["PATCH", "/api/keys/billing", "GET, HEAD"],
    ["GET", "/api/keys/billing/rotations", "POST"],
    ["HEAD", "/api/keys/billing/rotations", "POST"],
    ["PUT", "/queues/api/queues/pause", "GET, HEAD"],
  ])("is a problem 405 that names what is: %s %s", async (method, path, allow) => {
    await using admin = await openAdmin();
    // A body of a type that nobody reads: what is wrong with it must not come first.
    const answer = await admin.call(path, { method, headers: { "content-type": "text/plain" }, body: "x" });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it.each([
    ["an address that cannot be decoded", "/api/keys/%zz", 400],
    ["a name of 300 characters, which nothing has", `/api/keys/${"n".repeat(300)}`, 404],
    ["a name of 301 characters", `/api/keys/${"n".repeat(301)}`, 414],
  ])("is a problem: %s", async (_what, path, status) => {
    await using admin = await openAdmin();
    const answer = await admin.call(path);
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ type: "about:blank", status });
    expect(answer.text).not.toContain("zz");
  });

  it.each([
    [
      "headers of more than 8 KiB",
      `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ${"a".repeat(8192)}\r\n\r\n`,
      431,
    ],
    ["what is not HTTP", "HELO rotator\r\n\r\n", 400],
    ["a request without a host", "GET /api/keys HTTP/1.0\r\n\r\n", 403],
  ])("is a problem: %s", async (_what, bytes, status) => {
    await using admin = await openAdmin();
    const answer = await sendRaw(admin.origin, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"status":${status}`);
  });
});

describe("a fault of ours", () => {
  it("is a problem 500 without its cause, which is in the log under the id that the problem names", async () => {
    await using admin = await openAdmin({ readiness: () => Promise.reject(new Error("CaNaRy")) });
    const answer = await admin.call("/readyz");
    expect(answer.status).toBe(500);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.text).not.toMatch(/CaNaRy|\.ts/);
    const [line] = admin.logged.lines;
    expect(line).toMatchObject({ msg: "request failed", url: "/readyz", err: { message: "CaNaRy" } });
    expect(answer.text).toContain(`requestId ${String(line?.["requestId"])}`);
  });

  it("is a problem 503 after 15 s when a neighbour never answers", async () => {
    const asked = Promise.withResolvers<void>();
    const readiness = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    await using admin = await openAdmin({ readiness });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let answered = false;
    const answer = admin.call("/readyz").finally(() => (answered = true));
    await asked.promise;
    await vi.advanceTimersByTimeAsync(14_999);
    await admin.call("/livez");
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
  });
});

describe("closing", () => {
  it("waits for the answers in flight and then for no connection", async () => {
    const asked = Promise.withResolvers<void>();
    const answers = Promise.withResolvers<{ ready: boolean; checks: {} }>();
    const readiness = () => {
      asked.resolve();
      return answers.promise;
    };
    await using admin = await openAdmin({ readiness });
    const answer = admin.call("/readyz", { headers: { connection: "keep-alive" } });
    await asked.promise;
    const closed = admin[Symbol.asyncDispose]();
    const refused = () =>
      admin.call("/livez").then(
        () => false,
        () => true,
      );
    await until("no new connection is taken", refused);
    answers.resolve({ ready: true, checks: {} });
    expect(await answer).toMatchObject({ status: 200, headers: { connection: "close" } });
    await closed;
  });
});
