/** A listener that is about to close: who still sends is still answered. */
import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import fastify, { type FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { endConnectionsOnClose, serveUntilQuiet } from "../../src/http/closing.ts";

async function open(): Promise<{
  app: FastifyInstance;
  ask: () => Promise<{ status: number; connection: unknown }>;
}> {
  const app = fastify();
  endConnectionsOnClose(app);
  app.get("/", async () => "here");
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    app,
    async ask() {
      const sent = request({ host: "127.0.0.1", port, agent: false }).end();
      const [answer] = await once(sent, "response");
      await text(answer);
      return { status: answer.statusCode, connection: answer.headers.connection };
    },
  };
}

describe("a listener that is to close", () => {
  it("serves as long as somebody asks, says that connections end, and then is quiet", async () => {
    const { app, ask } = await open();
    let isQuiet = false;
    const quiet = serveUntilQuiet(app, { quietMs: 800, atMostMs: 20_000 }).then(() => (isQuiet = true));
    const begun = performance.now();
    while (performance.now() - begun < 1_200) {
      expect(await ask()).toEqual({ status: 200, connection: "close" });
      expect(isQuiet).toBe(false);
    }
    await quiet;
    await app.close();
  });

  it("does not wait for ever for somebody who goes on asking", async () => {
    const { app, ask } = await open();
    const begun = performance.now();
    let isOver = false;
    const over = serveUntilQuiet(app, { quietMs: 200, atMostMs: 300 }).then(() => (isOver = true));
    while (!isOver) await ask();
    await over;
    expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
    await app.close();
  });
});
