/** Connections that cannot be made, that are shared, and that are closed. */
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { ask, askUrgently, keyAnswer, openClient, rotate } from "./paddle-samples.ts";
import { arrived, silence, startWireServer } from "./wire-server.ts";

describe("a connection that cannot be made", () => {
  const nothingSent = { code: "not_connected", status: null, effect: "none", retry: "later" };

  it("means that nothing was sent where nobody listens", async () => {
    const server = await startWireServer(silence);
    await server[Symbol.asyncDispose]();
    await using client = openClient(server.url);
    await expect(rotate(client)).rejects.toMatchObject({
      ...nothingSent,
      message: expect.stringMatching(/not sent: no connection to http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/),
    });
  });

  it("means that nothing was sent where no name is known", async () => {
    await using client = openClient(new URL("https://paddle.invalid"));
    await expect(rotate(client)).rejects.toMatchObject(nothingSent);
  });

  it("means that nothing was sent where TLS fails", async () => {
    await using server = await startWireServer(silence);
    await using client = openClient(new URL(server.url.href.replace("http:", "https:")));
    await expect(rotate(client)).rejects.toMatchObject(nothingSent);
    expect(server.seen).toHaveLength(0);
  });

  it("is given up after 3 s of silence from the other side", async () => {
    const mute = createServer().listen(0, "127.0.0.1");
    await once(mute, "listening");
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using client = openClient(new URL(`https://127.0.0.1:${port}`));
    const startedAt = performance.now();
    await expect(rotate(client)).rejects.toMatchObject({
      ...nothingSent,
      message: expect.stringContaining("UND_ERR_CONNECT_TIMEOUT"),
    });
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(2_900);
    expect(tookMs).toBeLessThan(8_000);
    mute.close();
  });
});

describe("connections", () => {
  it("are eight at most, however many calls there are at once", async () => {
    const held: (() => unknown)[] = [];
    await using server = await startWireServer((response, seen) =>
      held.push(() => keyAnswer(response, seen)),
    );
    await using client = openClient(server.url);
    const calls = Array.from({ length: 20 }, () => ask(client));
    for (let answered = 0; answered < 20; answered++) {
      const next = await until("a request", () => held.shift());
      expect(server.seen.length - answered).toBeLessThanOrEqual(8);
      next();
    }
    await Promise.all(calls);
    expect(server.connections()).toBe(8);
  });
});

describe("an urgent call", () => {
  it("does not wait for a connection while slow ordinary calls hold all of theirs", async () => {
    let isSlow = true;
    await using server = await startWireServer((response, seen) => {
      if (!isSlow) keyAnswer(response, seen);
    });
    const client = openClient(server.url);
    const slow = Promise.allSettled(Array.from({ length: 20 }, () => ask(client)));
    await arrived(server, 8);
    isSlow = false;
    expect(await askUrgently(client)).toMatchObject({ accepted: true });
    expect(server.seen).toHaveLength(9);
    await client.clock.advance(10_000);
    await slow;
    await client[Symbol.asyncDispose]();
  });
});

describe("closing the client", () => {
  it("lets a call that is on its way end, and refuses later ones", async () => {
    const held: (() => unknown)[] = [];
    await using server = await startWireServer((response, seen) => {
      held.push(() => keyAnswer(response, seen));
    });
    const client = openClient(server.url);
    const asking = ask(client);
    await arrived(server, 1);
    const closing = client.paddle.close();
    await expect(ask(client)).rejects.toMatchObject({
      code: "client_closed",
      effect: "none",
      retry: "later",
    });
    held[0]?.();
    expect(await asking).toMatchObject({ accepted: true });
    await closing;
    expect(server.seen).toHaveLength(1);
  });

  it("turns away a call that has leave and was not sent yet, as any other", async () => {
    await using server = await startWireServer(keyAnswer);
    const client = openClient(server.url);
    const told = expect(ask(client)).rejects.toMatchObject({ code: "client_closed", effect: "none" });
    // Leave is given within this turn, and the call sent in the next one.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await client.paddle.close();
    await told;
    expect(server.seen).toEqual([]);
  });

  it("turns away calls that wait for leave, and leaves nothing behind that waits", async () => {
    await using server = await startWireServer(keyAnswer);
    const client = openClient(server.url, { requestsPerMinute: 1 });
    await ask(client);
    const waiting = [ask(client), ask(client)];
    await client.clock.untilSleeping();
    const told = Promise.all(
      waiting.map((call) => expect(call).rejects.toMatchObject({ code: "client_closed" })),
    );
    await client.paddle.close();
    await told;
    expect(client.clock.sleeping).toBe(0);
  });
});
