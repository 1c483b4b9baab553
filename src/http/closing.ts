/**
 * A closing listener answers what is in flight and then lets the connections go. Node closes only those that are
 * idle at that moment: a client that keeps its connection alive after the last answer would hold up the end of the
 * process for the whole keep-alive time.
 */
import type { Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

/** Those that say with every answer that the connection ends. */
const closing = new WeakSet<Server>();

export function endConnectionsOnClose(app: FastifyInstance): void {
  app.addHook("preClose", (done) => {
    closing.add(app.server);
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (closing.has(app.server)) void reply.header("connection", "close");
    done();
  });
}

/**
 * Serves on until nobody has asked anything for `quietMs`, at most for `atMostMs`: the kernel resets connections that
 * wait to be accepted when a listener closes, so first those who send here must have seen that it is not ready.
 */
export async function serveUntilQuiet(
  { server }: FastifyInstance,
  { quietMs, atMostMs }: { readonly quietMs: number; readonly atMostMs: number },
): Promise<void> {
  closing.add(server);
  let quietSince = performance.now();
  const heard = () => (quietSince = performance.now());
  server.on("connection", heard).on("request", heard);
  const until = performance.now() + atMostMs;
  while (performance.now() < Math.min(until, quietSince + quietMs)) await pause(quietMs / 10);
  server.off("connection", heard).off("request", heard);
}
