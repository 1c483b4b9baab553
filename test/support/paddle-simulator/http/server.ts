/** Paddle's API over real HTTP on loopback, with the faults that a test asks for. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Api, ApiRequest, ApiResponse } from "../api/api.ts";
import { ApiError, usualCode } from "../api/api-error.ts";
import type { Faults, Mishap } from "./faults.ts";
import type { RequestLog } from "./request-log.ts";

export type Served = {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
};

type Parts = {
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly now: () => number;
};

/** @param openApi is told where it is served, because lists give absolute URLs */
export async function serve(
  { host, port }: { host: string; port: number },
  openApi: (origin: string) => Api,
  parts: Parts,
): Promise<Served> {
  const closing = new AbortController();
  const server = createServer();
  // Longer than any client keeps an idle connection, so that none is closed just as it is used again.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const url = originOf(host, server.address());
  const api = openApi(url);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // It rejects only through a fault of the simulator itself, which must not pass for one of Paddle's.
    void answer(api, parts, request, response, closing.signal);
  });
  return {
    url,
    close: async () => {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  api: Api,
  { faults, log, now }: Parts,
  incoming: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const request = await readRequest(incoming);
  if (!request) return;
  const { view, handled } = log.arrived(request, now());
  const mishap = faults.meet(view);
  if (mishap?.kind === "reset") return void incoming.socket.resetAndDestroy();
  if (mishap?.kind === "delay") await waitUnlessClosing(mishap.ms, closing);
  if (closing.aborted) return;
  const { status, headers, body } = respond(api, request, mishap);
  const isLost = mishap?.kind === "lose-response";
  handled(status, !isLost);
  if (isLost) incoming.socket.destroy();
  else response.writeHead(status, headers).end(body);
}

function respond(api: Api, request: ApiRequest, mishap: Mishap | null): ApiResponse {
  if (mishap?.kind !== "status") return api.handle(request);
  const { status, code = usualCode(status), retryAfter } = mishap;
  return api.refuse(new ApiError(code, { status, retryAfterSeconds: retryAfter }));
}

async function waitUnlessClosing(ms: number, closing: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: closing }).catch(() => {});
}

/** null: the client went away before it had said everything. */
async function readRequest(incoming: IncomingMessage): Promise<ApiRequest | null> {
  const { method = "GET", url: path = "/", headers, socket } = incoming;
  const body = await text(incoming).catch(() => null);
  if (body === null) return null;
  const { authorization } = headers;
  const skipCount = headers["skip-count"]?.toString();
  const source = socket.remoteAddress ?? "";
  return { method, path, headers: { authorization, "skip-count": skipCount }, body, source };
}

function originOf(host: string, address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") throw new Error("the simulator listens on no port");
  return `http://${host}:${address.port}`;
}
