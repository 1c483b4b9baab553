/** Answers that are not Paddle's, and what a caller is told of them. */
import { describe, expect, it } from "vitest";
import { ask, keyAnswer, keyEntity, one, openClient, read, rotate } from "./paddle-samples.ts";
import { startWireServer } from "./wire-server.ts";

const MiB = 1024 * 1024;

describe("an answer that is not what Paddle sends", () => {
  it.each([301, 302, 303, 307, 308])("is never followed elsewhere: %i", async (status) => {
    await using elsewhere = await startWireServer(keyAnswer);
    await using server = await startWireServer((response) => {
      response.writeHead(status, { location: elsewhere.url.href }).end();
    });
    await using client = openClient(server.url);
    await expect(ask(client)).rejects.toMatchObject({ code: "redirected", status, effect: "unknown" });
    await expect(rotate(client)).rejects.toMatchObject({ code: "redirected", status, effect: "unknown" });
    await expect(read(client)).rejects.toMatchObject({ code: "redirected", status, effect: "none" });
    expect(elsewhere.connections()).toBe(0);
  });

  it.each([
    ["a firewall's page", 403, "<html>invalid_token: access denied</html>"],
    ["a login page", 200, "<html>Sign in</html>"],
    ["nothing", 204, ""],
    ["half an answer", 200, '{"data":{"id":'],
    ["a text", 200, '"ok"'],
  ])("leaves open what happened: %s", async (_what, status, body) => {
    await using server = await startWireServer((response) => response.writeHead(status).end(body));
    await using client = openClient(server.url);
    const unreadable = { code: "unreadable_answer", status, effect: "unknown", retry: "later" };
    await expect(ask(client)).rejects.toMatchObject(unreadable);
    await expect(rotate(client)).rejects.toMatchObject(unreadable);
  });

  it.each([
    ["as long as it said", { "content-length": String(MiB + 1) }],
    ["in chunks", {}],
  ])("is cut off after 1 MiB: %s", async (_how, headers) => {
    await using server = await startWireServer((response) => {
      response.writeHead(200, headers).end(sizedAnswer(MiB + 1));
    });
    await using client = openClient(server.url);
    await expect(rotate(client)).rejects.toMatchObject({
      code: "no_answer",
      effect: "unknown",
      message: expect.stringContaining("UND_ERR_RES_EXCEEDED_MAX_SIZE"),
    });
  });

  it("is read up to 1 MiB", async () => {
    await using server = await startWireServer((response) => response.end(sizedAnswer(MiB)));
    await using client = openClient(server.url);
    expect(await ask(client)).toMatchObject({ accepted: true });
  });

  it.each([
    ["not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["headers without end", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\n`],
  ])("leaves open what happened: %s", async (_what, bytes) => {
    await using server = await startWireServer((response) => response.socket?.end(bytes));
    await using client = openClient(server.url);
    await expect(rotate(client)).rejects.toMatchObject({
      code: "no_answer",
      effect: "unknown",
      retry: "later",
    });
  });

  it("may be announced by hints, which are passed over", async () => {
    await using server = await startWireServer((response, seen) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      keyAnswer(response, seen);
    });
    await using client = openClient(server.url);
    expect(await ask(client)).toMatchObject({ accepted: true });
  });
});

/** A key's answer, padded to this many bytes. */
function sizedAnswer(bytes: number): string {
  return JSON.stringify(one(keyEntity)).padEnd(bytes, " ");
}
