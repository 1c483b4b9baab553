/** Who sent a request, as far as trusted proxies can be believed. Pure. */
import type { FastifyRequest } from "fastify";
import { plainAddress } from "./network-address.ts";
import { lastUntrusted, type Networks } from "./source-addresses.ts";

export type Asking = Pick<FastifyRequest, "headers"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

export type Sender = {
  readonly sender: string;
  /** False: a trusted proxy wrote what is no address, and `sender` is that proxy. */
  readonly isKnown: boolean;
};

export function senderOf(request: Asking, trusted: Networks): Sender {
  const remote = request.socket.remoteAddress;
  const named = lastUntrusted({ remote, forwardedFor: forwardedFor(request) }, trusted);
  return { sender: named ?? plainAddress(remote), isKnown: named !== null };
}

export function forwardedFor({ headers }: Asking): string | undefined {
  return headers["x-forwarded-for"]?.toString();
}
