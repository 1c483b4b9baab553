/**
 * A closing listener answers what is in flight and then lets the connections go. Node closes only those that are
 * idle at that moment: a client that keeps its connection alive after the last answer would hold up the end of the
 * process for the whole keep-alive time.
 */
import type { FastifyInstance } from "fastify";

export function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (closing) void reply.header("connection", "close");
    done();
  });
}
