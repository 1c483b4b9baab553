/** The server below a listener: plain HTTP, or TLS where a certificate is given, and bounded in every direction. */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyServerFactory } from "fastify";
import type { Logger } from "pino";
import type { Clock } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { plainAddress } from "./network-address.ts";
import { boundConnections } from "./connection-bounds.ts";
import { RareLine } from "./rare-line.ts";
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
  /** As lines of the log name it. */
  readonly listener: "public" | "admin";
  readonly tls: Tls | null;
  readonly bounds: ServerBounds;
  /** Addresses and networks that are not one sender. */
  readonly trustedProxies: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
};

/** What Fastify listens with. */
export function serverFactory(options: ServerOptions): FastifyServerFactory {
  const { tls, bounds, trustedProxies, log } = options;
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
    if (tls) endFailedHandshakes(server, options);
    boundConnections(server, {
      most: bounds.connections,
      mostOfOne: bounds.connectionsOfOne,
      trustedProxies: new Networks(trustedProxies),
      log,
    });
    return server;
  };
}

/** With nobody to answer, a line of the log is all that is ever said of them. */
function endFailedHandshakes(server: Server, { listener, ...deps }: ServerOptions): void {
  const line = new RareLine(deps, "TLS handshake failed");
  server.on("tlsClientError", ({ code = "UNKNOWN" }: NodeJS.ErrnoException, socket: Socket) => {
    const sender = plainAddress(socket.remoteAddress);
    // Balancers that look whether somebody listens hang up like that, all day.
    if (code !== "ECONNRESET") line.tell({ listener, code, ...(sender !== "" && { sender }) });
    // One that waits to say something is never closed.
    socket.destroy();
  });
}
