/** Connections that break and answers that do not come, and what a caller is told of them. */
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { ask, keyAnswer, one, openClient, problem, read, rotate, rotationEntity } from "./paddle-samples.ts";
import { arrived, inTurn, json, reset, silence, startWireServer } from "./wire-server.ts";

describe("a connection that breaks after the request was sent", () => {
  it("leaves open whether the rotation happened, and the rotation is not sent again", async () => {
    await using server = await startWireServer(inTurn(reset, json(one(rotationEntity))));
    await using client = openClient(server.url);
    await expect(rotate(client)).rejects.toMatchObject({
      name: "PaddleError",
      code: "no_answer",
      status: null,
      effect: "unknown",
      retry: "later",
    });
    expect(server.seen).toHaveLength(1);
  });

  it("leaves it open on a warm connection too", async () => {
    await using server = await startWireServer(inTurn(keyAnswer, reset, json(one(rotationEntity))));
    await using client = openClient(server.url);
    await ask(client);
    await expect(rotate(client)).rejects.toMatchObject({ code: "no_answer", effect: "unknown" });
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  it("is overcome by sending a GET again, once", async () => {
    await using server = await startWireServer(inTurn(keyAnswer, reset, keyAnswer));
    await using client = openClient(server.url);
    await ask(client);
    expect(await ask(client)).toMatchObject({ accepted: true });
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it("is an error if it breaks again, with effect none for a read", async () => {
    await using server = await startWireServer(inTurn(reset, reset, keyAnswer));
    await using client = openClient(server.url);
    await expect(read(client)).rejects.toMatchObject({ code: "no_answer", effect: "none", retry: "later" });
    expect(server.seen).toHaveLength(2);
  });

  it("leaves open whether a secret was activated by asking with it", async () => {
    await using server = await startWireServer(reset);
    await using client = openClient(server.url);
    await expect(ask(client)).rejects.toMatchObject({ code: "no_answer", effect: "unknown" });
  });

  it("leaves it open even if the second GET cannot be sent any more", async () => {
    const server = await startWireServer((response) => {
      void server[Symbol.asyncDispose]();
      response.socket?.resetAndDestroy();
    });
    await using client = openClient(server.url);
    await expect(ask(client)).rejects.toMatchObject({ code: "no_answer", effect: "unknown" });
    expect(client.captured.lines.map(({ fault }) => fault)).toContain("ECONNREFUSED");
  });

  it("leaves it open even if the second GET meets the rate limit", async () => {
    const tooMany = json(problem("too_many_requests"), 429);
    await using server = await startWireServer(inTurn(reset, tooMany));
    await using client = openClient(server.url);
    await expect(ask(client)).rejects.toMatchObject({ code: "no_answer", effect: "unknown" });
    expect(server.seen).toHaveLength(2);
  });

  it("leaves it open even if the second GET gets no leave", async () => {
    await using server = await startWireServer(reset);
    const client = openClient(server.url, { requestsPerMinute: 1 });
    const told = expect(ask(client)).rejects.toMatchObject({ code: "no_answer", effect: "unknown" });
    await until("waiting for leave", () => client.clock.nextWakeAt === client.clock.now() + 60_000);
    await client.paddle.close();
    await told;
    expect(server.seen).toHaveLength(1);
  });

  it("in the middle of an answer is not overcome by sending again", async () => {
    await using server = await startWireServer((response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"data":', () => response.socket?.destroy());
    });
    await using client = openClient(server.url);
    await expect(read(client)).rejects.toMatchObject({ code: "no_answer", effect: "none" });
    expect(server.seen).toHaveLength(1);
  });

  it("counts the GET that is sent again against the budget", async () => {
    await using server = await startWireServer(inTurn(reset, keyAnswer));
    await using client = openClient(server.url, { requestsPerMinute: 1 });
    const asking = ask(client);
    await arrived(server, 1);
    await until("waiting for leave", () => client.clock.nextWakeAt === client.clock.now() + 60_000);
    expect(server.seen).toHaveLength(1);
    await client.clock.advance(60_000);
    expect(await asking).toMatchObject({ accepted: true });
  });
});

describe("a call that Paddle does not answer in time", () => {
  it.each([
    ["a rotation", rotate, "unknown"],
    ["asking with a secret", ask, "unknown"],
    ["a read", read, "none"],
  ])("ends after 10 s and not before: %s", async (_what, call, effect) => {
    await using server = await startWireServer(silence);
    await using client = openClient(server.url);
    const ended = settled(call(client));
    await arrived(server, 1);
    await client.clock.advance(9_999);
    expect(ended.error).toBeUndefined();
    await client.clock.advance(1);
    await until("the end", () => ended.error);
    expect(ended.error).toMatchObject({ code: "no_answer", effect, retry: "later" });
  });

  it("ends after 10 s however the answer trickles", async () => {
    const answers: ServerResponse[] = [];
    await using server = await startWireServer((response) => {
      answers.push(response.writeHead(200, { "content-length": "1000" }));
    });
    await using client = openClient(server.url);
    const ended = settled(rotate(client));
    await arrived(server, 1);
    for (let seconds = 0; seconds < 10; seconds++) {
      expect(ended.error).toBeUndefined();
      answers[0]?.write(" ");
      await client.clock.advance(1_000);
    }
    await until("the end", () => ended.error);
    expect(ended.error).toMatchObject({ code: "no_answer", effect: "unknown" });
  });

  it("has 10 s in all, sent twice or not", async () => {
    const held: (() => void)[] = [];
    await using server = await startWireServer((response) => {
      held.push(() => response.socket?.resetAndDestroy());
    });
    await using client = openClient(server.url);
    const ended = settled(ask(client));
    await arrived(server, 1);
    await client.clock.advance(9_000);
    held[0]?.();
    await arrived(server, 2);
    await client.clock.advance(999);
    expect(ended.error).toBeUndefined();
    await client.clock.advance(1);
    await until("the end", () => ended.error);
    expect(ended.error).toMatchObject({ code: "no_answer" });
  });
});

/** Follows a call that is to fail. */
function settled(call: Promise<unknown>): { error?: Record<string, unknown> } {
  const ended: { error?: Record<string, unknown> } = {};
  call.catch((error: Record<string, unknown>) => {
    ended.error = error;
  });
  return ended;
}
