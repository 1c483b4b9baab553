/**
 * A service on loopback that is posted to. What it takes and refuses is its vendor's matter; what goes wrong on the way
 * is the test's.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import type { Certificate } from "../stores/self-signed-certificate.ts";

export type Request = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/** `hang`: no answer ever. `lose`: the request is served and its answer lost, once. `trickle`: an answer without end. */
export type Trouble = Answer | "hang" | "lose" | "trickle";

export class HttpFake implements AsyncDisposable {
  /** In the place of the service, until it is null again. */
  trouble: Trouble | null = null;
  readonly requests: Request[] = [];
  readonly #server: Server;
  readonly #scheme: string;
  #onRequest = Promise.withResolvers<void>();

  private constructor(serve: (request: Request) => Answer, certificate: Certificate | null) {
    const listener: RequestListener = (incoming, response) => void this.#answer(incoming, response, serve);
    this.#scheme = certificate ? "https" : "http";
    this.#server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  }

  static async open(
    serve: (request: Request) => Answer,
    certificate: Certificate | null = null,
  ): Promise<HttpFake> {
    const fake = new HttpFake(serve, certificate);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("this service listens on no port");
    return `${this.#scheme}://127.0.0.1:${address.port}`;
  }

  /** Resolves with the next request, or at once if there was one since the last call. */
  async requested(): Promise<void> {
    await this.#onRequest.promise;
    this.#onRequest = Promise.withResolvers<void>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(
    incoming: IncomingMessage,
    response: ServerResponse,
    serve: (request: Request) => Answer,
  ): Promise<void> {
    const body = await text(incoming).catch(() => null);
    if (body === null) return;
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body };
    this.requests.push(request);
    this.#onRequest.resolve();
    const { trouble } = this;
    if (trouble === "hang") return;
    if (trouble === "trickle") return void response.writeHead(500).write("no end");
    if (trouble === "lose") {
      this.trouble = null;
      serve(request);
      return void incoming.socket.destroy();
    }
    const answer = trouble ?? serve(request);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}
