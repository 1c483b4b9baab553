/** What a test can make go wrong, and what the simulator remembers of requests. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PaddleSimulator, startPaddleSimulator } from "../../support/paddle-simulator/start.ts";
import { gist } from "../../unit/paddle-simulator/parsed.ts";
import { ask } from "./http-client.ts";

let paddle: PaddleSimulator;
beforeEach(async () => {
  paddle = await startPaddleSimulator();
});
afterEach(() => paddle.close());

const ROTATIONS = /^\/api-keys\/[^/]+\/rotations$/;

function rotate({ id, secret }: { id: string; secret: string }) {
  return ask(paddle, `POST /api-keys/${id}/rotations`, { secret, body: { grace_period_seconds: 60 } });
}

describe("a fault", () => {
  it("status answers with an error, and nothing happens", async () => {
    const key = paddle.createKey();
    paddle.faults.add({
      when: { method: "POST", path: ROTATIONS },
      do: { kind: "status", status: 503 },
    });
    expect(gist(await rotate(key))).toBe("503 service_unavailable");
    expect(paddle.key(key.id).rotations).toEqual([]);
    expect(gist(await rotate(key))).toBe("201");
  });

  it("status can have a code and a Retry-After of its own", async () => {
    paddle.faults.add({
      when: { path: "/" },
      do: { kind: "status", status: 429, code: "too_many_requests", retryAfter: 7 },
    });
    const { status, headers } = await ask(paddle, "GET /?probe=1");
    expect([status, headers["retry-after"]]).toEqual([429, "7"]);
  });

  it("reset breaks the connection before anything happens", async () => {
    const key = paddle.createKey();
    paddle.faults.add({ when: { path: ROTATIONS }, do: { kind: "reset" } });
    await expect(rotate(key)).rejects.toThrow("fetch failed");
    expect(paddle.key(key.id).pending).toBeNull();
    expect(paddle.requests.at(-1)).toMatchObject({ status: null, answered: false, durationMs: null });
  });

  it("lose-response breaks the connection after the rotation was made", async () => {
    const key = paddle.createKey();
    paddle.faults.add({ when: { path: ROTATIONS }, do: { kind: "lose-response" } });
    await expect(rotate(key)).rejects.toThrow("fetch failed");
    expect(paddle.key(key.id).pending).not.toBeNull();
    expect(paddle.requests.at(-1)).toMatchObject({ status: 201, answered: false });
  });

  it("lose-response of a first use leaves the rotation completed", async () => {
    const key = paddle.createKey();
    const { one } = await rotate(key);
    paddle.faults.add({ when: { path: "/" }, do: { kind: "lose-response" } });
    await expect(ask(paddle, "GET /", { secret: String(one["new_key"]) })).rejects.toThrow("fetch failed");
    expect(paddle.activatedRotations(key.id)).toBe(1);
  });

  it("delay holds a request back, which has its effect even if the caller has given up", async () => {
    const key = paddle.createKey();
    paddle.faults.add({ when: { path: ROTATIONS }, do: { kind: "delay", ms: 200 } });
    const body = { grace_period_seconds: 60 };
    const caller = new AbortController();
    const what = `POST /api-keys/${key.id}/rotations`;
    const asked = ask(paddle, what, { secret: key.secret, body, signal: caller.signal });
    asked.catch(() => {});
    await expect.poll(() => paddle.requests.length).toBe(1);
    caller.abort();
    await expect(asked).rejects.toThrow("aborted");
    await expect.poll(() => paddle.key(key.id).pending, { timeout: 5_000 }).not.toBeNull();
  });

  it("meets one request unless told how many, the first that was added first", async () => {
    const twice = paddle.faults.add({ when: () => true, times: 2, do: { kind: "status", status: 500 } });
    const once = paddle.faults.add({ when: () => true, do: { kind: "status", status: 502 } });
    const answers: string[] = [];
    for (let sent = 0; sent < 4; sent += 1) answers.push(gist(await ask(paddle, "GET /")));
    expect(answers).toEqual(["500 internal_error", "500 internal_error", "502 bad_gateway", "200"]);
    expect([twice.hits, once.hits]).toEqual([2, 1]);
  });

  it("can be chosen by the secret's fingerprint, and be removed", async () => {
    const { secret } = paddle.createKey();
    const fingerprint = `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;
    const fault = paddle.faults.add({
      when: (request) => request.fingerprint === fingerprint,
      times: Infinity,
      do: { kind: "status", status: 500 },
    });
    expect((await ask(paddle, "GET /")).status).toBe(200);
    expect((await ask(paddle, "GET /", { secret })).status).toBe(500);
    fault.remove();
    expect((await ask(paddle, "GET /", { secret })).status).toBe(200);
  });
});

describe("the log of requests", () => {
  it("says who asked what and how it was answered, without any secret", async () => {
    const key = paddle.createKey();
    const { one } = await rotate(key);
    await ask(paddle, "GET /?a=1");
    const fingerprint = `sha256:${createHash("sha256").update(key.secret).digest("hex").slice(0, 16)}`;
    expect(paddle.requests).toEqual([
      {
        at: expect.any(Number),
        method: "POST",
        path: `/api-keys/${key.id}/rotations`,
        fingerprint,
        status: 201,
        answered: true,
        durationMs: expect.any(Number),
      },
      expect.objectContaining({ method: "GET", path: "/?a=1", fingerprint: null, status: 200 }),
    ]);
    const told = JSON.stringify(paddle.requests);
    expect(told).not.toContain(key.secret);
    expect(told).not.toContain(one["new_key"]);
  });
});

describe("closing", () => {
  it("ends requests that are under way and frees the port", async () => {
    paddle.faults.add({ when: () => true, do: { kind: "delay", ms: 60_000 } });
    const waiting = ask(paddle, "GET /");
    waiting.catch(() => {});
    await expect.poll(() => paddle.requests.length).toBe(1);
    await paddle.close();
    await expect(waiting).rejects.toThrow("fetch failed");
    await using again = await startPaddleSimulator({ port: Number(new URL(paddle.url).port) });
    expect(again.url).toBe(paddle.url);
  });
});
