/**
 * A body may not come in more pieces than a sender has a reason for. Limits of size count bytes, but Node makes an object
 * of each piece, chunk or packet, and they are kept until the body is whole: a few megabytes of chunks of one byte would
 * take a few hundred of memory.
 */
import type { FastifyInstance } from "fastify";

/** More than the largest body has as packets, or a small one byte by byte. */
const MOST_PIECES = 4_096;

/** Cuts off whoever sends more: what has come is forgotten at once. */
export function boundPieces(app: FastifyInstance): void {
  app.addHook("preParsing", ({ raw }, _reply, payload, done) => {
    const { "content-length": bytes = "0", "transfer-encoding": encoding } = raw.headers;
    // It cannot have more pieces than bytes. One without a body stays as it is: to read it would end it.
    if (encoding === undefined && Number(bytes) <= MOST_PIECES) return done(null, payload);
    let pieces = 0;
    payload.on("data", () => {
      pieces += 1;
      if (pieces > MOST_PIECES) raw.destroy(new TooManyPieces());
    });
    done(null, payload);
  });
}

class TooManyPieces extends Error {
  override readonly name = "TooManyPieces";
  readonly code = "TOO_MANY_PIECES";
  readonly statusCode = 413;
}
