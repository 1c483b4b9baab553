/** The server below a listener: plain HTTP, or TLS where a certificate is given, and bounded in every direction. */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyServerFactory } from "fastify";
import type { Logger } from "pino";
import type { Secret } from "../core/secret.ts";
import { boundConnections } from "./connection-bounds.ts";
import { Networks } from "./source-addresses.ts";

/**
 * Not by `import`, which reads all that a module of Node's exports: to read one export of `node:http` loads the whole of
 * Node's `fetch`, which we do not use and which takes 15 MB.
 */
const { createServer: createPlain } = process.getBuiltinModule("node:http");
const { createServer: createTls } = process.getBuiltinModule("node:https");

export type Tls = {
  /** In PEM, with those that lead to its authority. */
  readonly certificate: string;
  /** In PEM. */
  readonly key: Secret;
};

export type ServerBounds = {
  readonly headerBytes: number;
  /** For headers and body to arrive, and for a TLS handshake. */
  readonly arrivalMs: number;
  /** Without a byte in either direction. */
  readonly silenceMs: number;
  /** Left out: Node's own 5 s. */
  readonly keepAliveMs?: number;
  readonly connections: number;
  /** Of one address on the internet. */
  readonly connectionsOfOne: number;
};

export type ServerOptions = {
  readonly tls: Tls | null;
  readonly bounds: ServerBounds;
  /** Addresses and networks that are not one sender. */
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
};

/** What Fastify listens with. */
export function serverFactory({ tls, bounds, trustedProxies, log }: ServerOptions): FastifyServerFactory {
  const limits = {
    maxHeaderSize: bounds.headerBytes,
    headersTimeout: bounds.arrivalMs,
    requestTimeout: bounds.arrivalMs,
    // Node looks for late requests only every 30 s unless told otherwise.
    connectionsCheckingInterval: 1_000,
    ...(bounds.keepAliveMs !== undefined && { keepAliveTimeout: bounds.keepAliveMs }),
  };
  return (handler) => {
    const server: Server = tls
      ? createTls(
          {
            ...limits,
            cert: tls.certificate,
            key: tls.key.reveal(),
            minVersion: "TLSv1.2",
            handshakeTimeout: bounds.arrivalMs,
          },
          handler,
        )
      : createPlain(limits, handler);
    server.setTimeout(bounds.silenceMs);
    // Without a handshake there is nobody to answer, and a socket that waits to say something is never closed.
    server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
    boundConnections(server, {
      most: bounds.connections,
      mostOfOne: bounds.connectionsOfOne,
      trustedProxies: new Networks(trustedProxies),
      log,
    });
    return server;
  };
}
