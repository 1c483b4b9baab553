/** A bare HTTP server on loopback that answers exactly as a test says, down to the bytes and the connection. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { until } from "../../support/until.ts";

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Counts the connections from 1 on. */
  readonly connection: number;
};

export type Answer = (response: ServerResponse, seen: Seen) => unknown;

export type WireServer = AsyncDisposable & {
  readonly url: URL;
  /** Requests in the order of arrival. */
  readonly seen: readonly Seen[];
  /** How many connections were opened. */
  readonly connections: () => number;
};

export async function startWireServer(answer: Answer): Promise<WireServer> {
  const seen: Seen[] = [];
  const numbers = new WeakMap<Socket, number>();
  let connections = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const { method = "", url: path = "", headers } = request;
    const one = { method, path, headers, body, connection: numbers.get(request.socket) ?? 0 };
    seen.push(one);
    answer(response, one);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.on("connection", (socket) => numbers.set(socket, ++connections));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return {
    url: new URL(`http://127.0.0.1:${address.port}`),
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

/** Answers the first request with the first answer and so on, and all that follow with the last one. */
export function inTurn(...answers: readonly [Answer, ...Answer[]]): Answer {
  let turn = 0;
  return (response, seen) => {
    const answer = answers[Math.min(turn++, answers.length - 1)];
    answer?.(response, seen);
  };
}

/** Breaks the connection without a word. */
export const reset: Answer = (response) => response.socket?.resetAndDestroy();

/** Never answers. */
export const silence: Answer = () => {};

/** Resolves once this many requests have come in. */
export const arrived = (server: WireServer, count: number) =>
  until(`${count} requests`, () => server.seen.length >= count);
