/**
 * How many connections a listener holds. A stranger who opens thousands and sends nothing costs file descriptors and
 * memory; their number is bounded for all together, and for each address that is not inside.
 */
import type { Server, Socket } from "node:net";
import type { Logger } from "pino";
import { networkOf, plainAddress } from "./network-address.ts";
import { isInside, type Networks } from "./source-addresses.ts";

export type ConnectionBounds = {
  readonly most: number;
  /** Of one network that is neither inside nor a trusted proxy's. */
  readonly mostOfOne: number;
  readonly trustedProxies: Networks;
  readonly log: Logger;
};

type HttpServer = Server & { readonly closeIdleConnections: () => void };

const TELL_EVERY_MS = 60_000;

export function boundConnections(server: HttpServer, bounds: ConnectionBounds): void {
  const { most, mostOfOne, trustedProxies, log } = bounds;
  const open = new Map<string, number>();
  let all = 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  const refuse = (socket: Socket, reason: string) => {
    socket.destroy();
    const now = performance.now();
    if (now - toldAt < TELL_EVERY_MS) return;
    toldAt = now;
    log.warn({ reason, open: all }, "connections refused; this is told once a minute");
  };

  // Of TLS too: the bytes of a handshake cost more than those of HTTP.
  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress);
    const network = networkOf(address);
    const ofOne = open.get(network) ?? 0;
    const isOne = !isInside(address) && !trustedProxies.has(address);
    if (isOne && ofOne >= mostOfOne) return refuse(socket, "too many from one address");
    if (all >= most) {
      // Those that wait for nothing make room for the next ones.
      server.closeIdleConnections();
      return refuse(socket, "too many");
    }
    all += 1;
    open.set(network, ofOne + 1);
    socket.once("close", () => {
      all -= 1;
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}
